import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { writeCsv } from '../domain/csv.js';
import { HEADER, ImportAdmissions } from './import-admissions.js';
import { ListedNodeRepository } from './listed-node.repository.js';

type Output<Of extends { readonly output: z.ZodType }> = z.output<Of['output']>;

/** The list of nodes let in or kept out, to read, to carry away and to bring back. */
@Controller()
export class AdmissionsController {
  constructor(private readonly list: ListedNodeRepository, private readonly importing: ImportAdmissions) {}

  @Operation(federation.listNodesAdmitted)
  async page(input: z.output<typeof federation.listNodesAdmitted.input>): Promise<Output<typeof federation.listNodesAdmitted>> {
    return this.list.page(input);
  }

  @Operation(federation.exportAdmissions)
  async export(_input: object): Promise<Output<typeof federation.exportAdmissions>> {
    const nodes = await this.list.all();
    return { csv: writeCsv([HEADER, ...nodes.map(({ nodeId, name, verdict, reason }) => [nodeId, name, verdict, reason ?? ''])]), rows: nodes.length };
  }

  @Operation(federation.importAdmissions)
  async import(input: z.output<typeof federation.importAdmissions.input>): Promise<Output<typeof federation.importAdmissions>> {
    return this.importing.handle(input);
  }
}
