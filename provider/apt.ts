/**
 * A setting for every apt run here, as a line of apt.conf(5) and as an option of its commands.
 *
 * apt 2.6, in bookworm, delays retries of network failures, and may then wait for ever: one failed name resolution is
 * enough. Without the delay it retries at once, as often as `Acquire::Retries` says. apt 3.0 does not have this bug.
 */
export const NO_RETRY_DELAY = { line: 'Acquire::Retries::Delay "false";', option: "-oAcquire::Retries::Delay=false" };
