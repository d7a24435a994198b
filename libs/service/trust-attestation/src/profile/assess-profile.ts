import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import { attestedSatisfaction, type AttestationDocument } from '../attestation/attestation-document.js';
import { AttestationRepository } from '../attestation/attestation.repository.js';
import { NodeRepository } from '../node/node.repository.js';
import { assessAttested, assessRecord, type Assessment, type AttestedFigures } from './domain/assessment.js';
import { satisfactionRateOf, trackRecordOf } from './domain/track-record.js';
import { OutcomeRepository } from './outcome.repository.js';
import type { Profile } from './profile.repository.js';

/** The figures of a participant and what follows from them. Rate in millionths. */
export interface AssessedProfile {
  readonly source: 'own_record' | 'attested';
  readonly exchangesCompleted: number;
  /** 0 for members of other nodes: attestations do not say it. */
  readonly exchangesFailed: number;
  readonly satisfactionRate: number | null;
  readonly partnerCount: number;
  readonly memberSince: string;
  readonly assessment: Assessment;
}

/** Assesses own members by their record and others by their latest valid attestation. Changes nothing. */
@Injectable()
export class AssessProfile {
  constructor(
    private readonly own: NodeIdentity, private readonly outcomes: OutcomeRepository, private readonly attestations: AttestationRepository,
    private readonly nodes: NodeRepository,
  ) {}

  async handle(profile: Profile, now: Date, tx: Transaction): Promise<AssessedProfile> {
    return this.own.isSelf(profile.homeNode) ? this.byRecord(profile, now, tx) : this.byAttestation(profile, now, tx);
  }

  private async byRecord({ participantId, memberSince }: Profile, now: Date, tx: Transaction): Promise<AssessedProfile> {
    const record = trackRecordOf(Date.parse(memberSince), await this.outcomes.of(participantId, tx));
    const { exchangesCompleted, exchangesFailed, partnerCount } = record;
    return {
      source: 'own_record', exchangesCompleted, exchangesFailed, satisfactionRate: satisfactionRateOf(record), partnerCount, memberSince,
      assessment: assessRecord(record, now.getTime()),
    };
  }

  private async byAttestation({ participantId, homeNode, memberSince }: Profile, now: Date, tx: Transaction): Promise<AssessedProfile> {
    const latest = await this.attestations.latest(participantId, homeNode, now, tx);
    const figures = latest === undefined ? null : figuresOf(latest);
    const assessment = assessAttested(figures, await this.nodes.creditOf(homeNode, tx));
    return {
      source: 'attested', exchangesCompleted: figures?.exchangesCompleted ?? 0, exchangesFailed: 0, satisfactionRate: figures?.satisfactionRate ?? null,
      partnerCount: figures?.partnerCount ?? 0, memberSince: latest?.claims.member_since ?? memberSince, assessment,
    };
  }
}

function figuresOf(document: AttestationDocument): AttestedFigures {
  const { claims, timestamp, expires_at: expiresAt } = document;
  return {
    exchangesCompleted: claims.exchanges_completed, partnerCount: claims.partner_count, satisfactionRate: attestedSatisfaction(document),
    memberSinceMs: Date.parse(claims.member_since), vouchesReceived: claims.vouches_received, tier: claims.trust_tier,
    attestedAtMs: Date.parse(timestamp), expiresAtMs: Date.parse(expiresAt),
  };
}
