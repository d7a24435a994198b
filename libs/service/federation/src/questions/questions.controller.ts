import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { AskPeer } from './ask-peer.js';

/** What services of this node ask services of peers. */
@Controller()
export class QuestionsController {
  constructor(private readonly questions: AskPeer) {}

  @Operation(federation.askPeer)
  async ask(question: z.output<typeof federation.askPeer.input>): Promise<z.output<typeof federation.askPeer.output>> {
    const { body } = await this.questions.handle(question);
    return { body };
  }
}
