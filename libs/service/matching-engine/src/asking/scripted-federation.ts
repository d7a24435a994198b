import { Controller, Module } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { startService, type RunningService, type ServiceDefinition } from '@kula/platform-host';
import { Operation } from '@kula/platform-messaging';
import type { ServiceSettings } from '@kula/platform-runtime';
import type { z } from 'zod';

type Question = z.output<typeof federation.askPeer.input>;

/** What a scripted peer answers. It may wait, refuse, or answer nonsense. */
export type PeerScript = (question: Question) => object | Promise<object>;

/** Nobody has written a script for the peer. */
class NoScriptError extends DomainError<'federation.peer_unreachable'> {
  readonly code = 'federation.peer_unreachable';
}

/** The peer refuses to answer. */
export class ScriptedRefusalError extends DomainError<'federation.question_refused'> {
  readonly code = 'federation.question_refused';
}

/** The federation service of a node as specs play it: questions to peers are answered by scripts and kept. */
export class ScriptedFederation {
  /** Every question that left the node, in order. */
  readonly questions: Question[] = [];
  readonly peers = new Map<string, PeerScript>();
  private settings: ServiceSettings | undefined;
  private service: RunningService | undefined;

  /** The service under test, whose surroundings are remembered. */
  watching(definition: ServiceDefinition): ServiceDefinition {
    return {
      ...definition,
      module: (settings, env) => {
        this.settings = settings;
        return definition.module(settings, env);
      },
    };
  }

  /** Answers from here on. The service under test must have been started. */
  async start(): Promise<void> {
    const { KULA_NODE_ID, KULA_NATS_URL, KULA_DATABASE_URL } = this.settings ?? {};
    this.service = await startService({ name: 'scripted-federation', module: () => moduleOf(this) }, { KULA_NODE_ID, KULA_NATS_URL, KULA_DATABASE_URL, KULA_LOG_LEVEL: 'error' });
  }

  async stop(): Promise<void> {
    await this.service?.stop();
  }

  /** Questions of one kind to one peer since the last `forget`. */
  asked(nodeId: string, kind: Question['kind']): Question[] {
    return this.questions.filter((question) => question.nodeId === nodeId && question.kind === kind);
  }

  forget(): void {
    this.questions.length = 0;
    this.peers.clear();
  }

  async answer(question: Question): Promise<{ body: Record<string, unknown> }> {
    this.questions.push(question);
    const script = this.peers.get(question.nodeId);
    if (script === undefined) throw new NoScriptError('no link');
    return { body: { ...(await script(question)) } };
  }
}

function moduleOf(scripted: ScriptedFederation) {
  @Controller()
  class AskController {
    @Operation(federation.askPeer)
    async ask(question: Question): Promise<{ body: Record<string, unknown> }> {
      return scripted.answer(question);
    }
  }

  @Module({ controllers: [AskController] })
  class ScriptedModule {}
  return ScriptedModule;
}
