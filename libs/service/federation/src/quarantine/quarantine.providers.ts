import type { Provider } from '@nestjs/common';
import { AwaitedProofs } from './awaited-proofs.js';
import { CheckProof } from './check-proof.js';
import { EquivocationRepository } from './equivocation.repository.js';
import { KeepAccusation } from './keep-accusation.js';
import { ListEquivocationsQuery } from './list-equivocations.query.js';
import { PresentEquivocation } from './present-equivocation.js';
import { ReleaseIssuer } from './release-issuer.js';
import { TakeInProofs } from './take-in-proofs.js';
import { TellProofs } from './tell-proofs.js';
import { UnkeptBranches } from './unkept-branches.js';

/** What is done about issuers that contradict themselves. */
export const quarantineProviders: readonly Provider[] = [
  EquivocationRepository, UnkeptBranches, CheckProof, PresentEquivocation, KeepAccusation, AwaitedProofs, TakeInProofs, TellProofs, ReleaseIssuer, ListEquivocationsQuery,
];
