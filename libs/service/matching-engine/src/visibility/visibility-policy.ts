import { VisibilityNotOfferedError } from '../listing/domain/listing.errors.js';
import type { Visibility } from '../listing/domain/visibility.js';
import type { MatchingSettings } from '../matching.settings.js';

/** What members of this node may let leave it of their listings. */
export class VisibilityPolicy {
  readonly allowed: readonly Visibility[];
  /** Taken where a member does not choose. */
  readonly default: Visibility;

  constructor(settings: MatchingSettings) {
    this.allowed = settings.KULA_VISIBILITY_ALLOWED;
    this.default = settings.KULA_VISIBILITY_DEFAULT;
  }

  /** Continues where members may choose it. @throws VisibilityNotOfferedError. */
  check(visibility: Visibility): void {
    if (!this.allowed.includes(visibility)) throw new VisibilityNotOfferedError(visibility, this.allowed);
  }
}
