/**
 * A setting for whatever apt does here, as a line of apt.conf(5) and as an option of its commands.
 *
 * apt 2.6, that of bookworm, puts off what a failure of the network kept it from, and may then wait for ever: one name that could not be
 * resolved once is enough. Without the delay it tries again at once, as often as `Acquire::Retries` says. apt 3.0 has no such fault.
 */
export const NO_RETRY_DELAY = { line: 'Acquire::Retries::Delay "false";', option: "-oAcquire::Retries::Delay=false" };
