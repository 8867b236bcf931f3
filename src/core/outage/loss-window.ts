import type { EpochMillis } from '../ids.ts';
import { minuteMillis } from '../history/time-buckets.ts';

export const lossWindowMinutes = 60;

/** Probes sent and lost in the hour up to the newest result, in minutes: older results are ignored. */
export class LossWindow {
  readonly #counts = new Uint16Array(2 * lossWindowMinutes);
  #minute = Number.NEGATIVE_INFINITY;
  sent = 0;
  lost = 0;

  add(sentAt: EpochMillis, sent: number, lost: number): void {
    const minute = Math.floor(sentAt / minuteMillis);
    this.#advance(minute);
    if (minute <= this.#minute - lossWindowMinutes) return;
    const place = 2 * (minute % lossWindowMinutes);
    this.#counts[place] = (this.#counts[place] ?? 0) + sent;
    this.#counts[place + 1] = (this.#counts[place + 1] ?? 0) + lost;
    this.sent += sent;
    this.lost += lost;
  }

  #advance(minute: number): void {
    if (minute <= this.#minute) return;
    const first = Math.max(this.#minute + 1, minute - lossWindowMinutes + 1);
    for (let passed = first; passed <= minute; passed++) {
      const place = 2 * (passed % lossWindowMinutes);
      this.sent -= this.#counts[place] ?? 0;
      this.lost -= this.#counts[place + 1] ?? 0;
      this.#counts[place] = this.#counts[place + 1] = 0;
    }
    this.#minute = minute;
  }
}
