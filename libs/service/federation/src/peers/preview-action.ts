import { Injectable } from '@nestjs/common';
import { federation, type RequestMeta } from '@kula/contracts';
import { OperationClient } from '@kula/platform-messaging';
import type { z } from 'zod';
import { PeerUnknownError } from './domain/peer.errors.js';
import { PeerDirectory } from './peer-directory.js';

type Preview = z.output<typeof federation.previewAction.output>;
type Asked = z.output<typeof federation.previewAction.input>;

/** A service that is busy may take its time; the gateway waits longer for all of them. */
const ANSWER_MS_MAX = 4_000;

/** What is left when the record is gone cannot be taken back from here. */
const FINAL: readonly Asked['action'][] = ['forget'];

/** Asks the services of this node what is bound up with a peer. Changes nothing. */
@Injectable()
export class PreviewAction {
  constructor(private readonly directory: PeerDirectory, private readonly operations: OperationClient) {}

  /** What every service that answered in time says, and which did not. @throws PeerUnknownError. */
  async handle({ nodeId, action }: Asked, meta: RequestMeta): Promise<Preview> {
    const peer = this.directory.find(nodeId);
    if (peer === undefined) throw new PeerUnknownError(nodeId);
    const contexts = Object.entries(federation.IMPACT_OPERATIONS);
    const answers = await Promise.all(contexts.map(([, operation]) => inTime(this.operations.request(operation, { nodeId }, meta))));
    return {
      nodeId, name: peer.name, action, isReversible: !FINAL.includes(action),
      items: answers.flatMap((answer) => answer?.items ?? []).filter(({ count }) => count > 0),
      unanswered: contexts.flatMap(([context], index) => (answers[index] === undefined ? [context] : [])),
    };
  }
}

/** The answer, or undefined where it fails or does not come. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => { timer = setTimeout(() => resolve(undefined), ANSWER_MS_MAX); });
  try {
    // A service that is away, or cannot say, is named among those that did not answer: that is all there is to do about it here.
    return await Promise.race([answer.catch(() => undefined), patience]);
  } finally {
    clearTimeout(timer);
  }
}
