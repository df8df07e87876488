import type { Answer } from "../../remote";
import { describeProgress } from "./build-progress";

const REPORT_EVERY_SECONDS = 60;

/**
 * Passes answers on. If the work is silent, reports every minute that it still runs, and what it reported last. Time is
 * counted by heartbeats, so that this is only said of work that is known to run, never of a host that is gone.
 */
export function reportSilence(heartbeatSeconds: number, onAnswer: (answer: Answer) => void): (answer: Answer) => void {
  let last = "at work";
  let seconds = 0;
  return (answer) => {
    if (answer.key !== "heartbeat") {
      last = describeProgress(answer) ?? last;
      seconds = 0;
      onAnswer(answer);
      return;
    }
    seconds += heartbeatSeconds;
    if (seconds % REPORT_EVERY_SECONDS === 0) {
      onAnswer({ key: "progress", values: [`${last}; nothing new for ${seconds} s`] });
    }
  };
}
