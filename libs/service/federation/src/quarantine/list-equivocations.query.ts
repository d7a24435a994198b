import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { keyOfCursor, pageOfRows } from '@kula/platform-persistence';
import type { z } from 'zod';
import { EquivocationRepository } from './equivocation.repository.js';
import { PresentEquivocation } from './present-equivocation.js';

type Page = z.output<typeof federation.listEquivocations.output>;

const KEY = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}:[1-9][0-9]{0,15}$/;

/** Nodes that have contradicted themselves, with the proofs, in the order of their ids. */
@Injectable()
export class ListEquivocationsQuery {
  constructor(private readonly equivocations: EquivocationRepository, private readonly presenter: PresentEquivocation) {}

  async page({ limit, cursor }: z.output<typeof federation.listEquivocations.input>): Promise<Page> {
    const [issuer, at] = keyOfCursor(cursor, KEY)?.split(':') ?? [];
    const rows = await this.equivocations.page(issuer === undefined ? null : { issuer, at: Number(at) }, limit + 1);
    const { items, nextCursor } = pageOfRows(rows, limit, (row) => `${row.issuer}:${row.at}`);
    return { items: await Promise.all(items.map((each) => this.presenter.present(each))), nextCursor };
  }
}
