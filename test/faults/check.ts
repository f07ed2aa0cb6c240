import { findLostChanges, findWrongSignIns } from './invariants/acknowledged.ts';
import {
  type AnswerLimits,
  findHalfStates,
  findUnknownSigners,
  findWrongAnswers,
} from './invariants/answers.ts';
import { findWrongAudit } from './invariants/audit.ts';
import type { Evidence, Finding } from './invariants/evidence.ts';
import { findWrongFates } from './invariants/families.ts';
import { findSecondUses, findUsesByNobody } from './invariants/single-use.ts';

/**
 * Judges a run by the invariants of the fault catalogue, from its history and the database at its end. I4 (lockout) has nothing
 * to judge yet: the server counts no failures.
 */
export function checkInvariants(evidence: Evidence, limits: AnswerLimits = {}): Finding[] {
  return [
    ...findSecondUses(evidence),
    ...findLostChanges(evidence),
    ...findWrongSignIns(evidence),
    ...findWrongFates(evidence),
    ...findWrongAudit(evidence),
    ...findUsesByNobody(evidence),
    ...findHalfStates(evidence),
    ...findUnknownSigners(evidence),
    ...findWrongAnswers(evidence, limits),
  ];
}
