import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Injectable } from '@nestjs/common';
import { federation, nodeId, plainLine } from '@kula/contracts';
import { z } from 'zod';
import { AddressRefusedError, PeerBlockedError, PeerUnreachableError } from '../domain/peer.errors.js';
import { plainReason } from '../plain-reason.js';
import { guardedLookup, refuseLiteral } from './dialled-addresses.js';
import type { SignedStatement } from './link-statements.js';

/** Two requests follow each other while an operator waits, whose own gateway waits 10 s. */
const ANSWER_MS_MAX = 4_000;
const ANSWER_BYTES_MAX = 64 * 1024;

export type LinkReply = z.output<typeof federation.receiveLinkStatement.output>;

interface Answer { readonly status: number; readonly body: unknown }

/** What is needed of the answer of a gateway to who it is; a newer one may say more. */
const nodeAnswer = z.looseObject({ nodeId, name: plainLine });
const problem = z.looseObject({ code: z.string().max(100), detail: z.string().optional(), title: z.string().optional() });

/**
 * Asks gateways of other nodes, at addresses that an operator has typed or approved.
 *
 * Follows no redirect, keeps no connection, sends no credentials; an answer takes at most 4 s and 64 KB.
 */
@Injectable()
export class GatewayClient {
  /** Which node answers at an address. @throws AddressRefusedError, PeerUnreachableError. */
  async nodeAt(gatewayUrl: string): Promise<{ readonly nodeId: string; readonly name: string }> {
    const answer = await this.ask(gatewayUrl, '/v1/node');
    const parsed = nodeAnswer.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success) throw new PeerUnreachableError(`what answers at the address is no gateway of a node (status ${answer.status})`);
    return { nodeId: parsed.data.nodeId, name: parsed.data.name };
  }

  /** Hands a statement over. @throws AddressRefusedError, PeerUnreachableError, PeerBlockedError where the other node says so. */
  async tell(gatewayUrl: string, statement: SignedStatement): Promise<LinkReply> {
    const { status, body } = await this.ask(gatewayUrl, '/v1/link-statements', statement);
    const reply = federation.receiveLinkStatement.output.safeParse(body);
    if (status === 200 && reply.success) return reply.data;
    const refusal = problem.safeParse(body);
    if (refusal.success && refusal.data.code === 'federation.peer_blocked') throw new PeerBlockedError('the other node has blocked this one');
    const words = refusal.success ? `${refusal.data.title ?? refusal.data.code}: ${refusal.data.detail ?? ''}` : `status ${status}, which is no answer of a gateway`;
    throw new PeerUnreachableError(plainReason(new Error(`peer refuses: ${words}`)));
  }

  private async ask(gatewayUrl: string, path: string, body?: object): Promise<Answer> {
    refuseLiteral(gatewayUrl);
    const { protocol, hostname, port, pathname } = new URL(gatewayUrl);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, path: `${pathname.replace(/\/$/, '')}${path}`, method: text === undefined ? 'GET' : 'POST', agent: false,
      lookup: guardedLookup, signal: AbortSignal.timeout(ANSWER_MS_MAX),
      headers: { accept: 'application/json', ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) },
    };
    try {
      return await answerTo(options, text);
    } catch (error) {
      if (error instanceof AddressRefusedError || error instanceof PeerUnreachableError) throw error;
      throw new PeerUnreachableError(plainReason(error));
    }
  }
}

async function answerTo(options: RequestOptions, text: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = (options.protocol === 'https:' ? httpsRequest : httpRequest)(options, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > ANSWER_BYTES_MAX) response.destroy(new PeerUnreachableError(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`));
        else parts.push(part);
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: jsonIn(Buffer.concat(parts)) }));
    });
    request.on('error', reject);
    request.end(text);
  });
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Whatever is no JSON is no answer, which the schema says.
    return undefined;
  }
}
