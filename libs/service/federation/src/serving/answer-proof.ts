import { Injectable } from '@nestjs/common';
import { PEER_API, proofRequest, type ProofAnswer } from '@kula/contracts';
import { EquivocationRepository } from '../quarantine/equivocation.repository.js';
import type { PeerAnswering } from './peer-answering.js';
import { parseRequest, RequestRefusedError } from './request-refused.error.js';

/** With what is around it below what a server carries in one message. */
const PROOF_BYTES_MAX = 900_000;

/** Gives the proof that an issuer has contradicted itself, about the lowest entry proven. */
@Injectable()
export class AnswerProof implements PeerAnswering {
  readonly verb = PEER_API.proof;

  constructor(private readonly equivocations: EquivocationRepository) {}

  async handle(request: unknown): Promise<ProofAnswer> {
    const { issuer } = parseRequest(proofRequest, request);
    const proof = await this.equivocations.lowestProof(issuer);
    if (proof === undefined) return { proof: null };
    if (JSON.stringify(proof).length > PROOF_BYTES_MAX) throw new RequestRefusedError('federation.proof_too_large', 'the proof is larger than a message; the log of the node shows it as well');
    return { proof: { ...proof } };
  }
}
