/** Refusals every operation may give, whatever its own list says. */
export const PLATFORM_ERRORS = ['message.malformed', 'dependency.unavailable', 'access.not_signed_in', 'access.forbidden'] as const;

export type PlatformErrorCode = (typeof PLATFORM_ERRORS)[number];
