import type { Answer } from "../../remote";
import { describeProgress } from "./build-progress";

const TOLD_EVERY_SECONDS = 60;

/**
 * Passes answers on, and tells each minute of work that says nothing that it still goes on, and what it told last. Time is counted by the
 * heartbeats that come meanwhile, so it is told of work that was heard of, never of a host that is gone.
 */
export function tellSilence(heartbeatSeconds: number, onAnswer: (answer: Answer) => void): (answer: Answer) => void {
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
    if (seconds % TOLD_EVERY_SECONDS === 0) {
      onAnswer({ key: "progress", values: [`${last}; nothing new for ${seconds} s`] });
    }
  };
}
