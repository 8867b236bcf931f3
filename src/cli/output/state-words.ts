import type { StateShape } from '../../contract/targets/target-state.ts';
import { describeSendFailure, sendFailureOf } from '../../core/result/send-failure.ts';

/** Why a target is in its state, in English, such as "no route to host (ENETUNREACH)". */
export function reasonWords({ code, params }: StateShape['reason']): string {
  switch (code) {
    case 'replies':
      return 'it answers';
    case 'losses-in-a-row':
      return `${params['losses']} probes in a row lost`;
    case 'loss-ratio':
      return `${params['losses']} of ${params['probes']} probes lost in the last hour`;
    case 'no-reply':
      return params['losses'] === null ? 'no reply' : `${params['losses']} probes in a row lost`;
    case 'no-result-yet':
      return 'no reply yet';
    case 'not-allowed':
      return 'PROBE_ALLOW or PROBE_DENY of the server forbids it';
    case 'paused':
      return 'paused';
    case 'deleted':
      return 'deleted; its history is kept';
    case 'synthetic':
      return 'synthetic history, never probed';
    default:
      return `not sent: ${describeSendFailure(sendFailureOf(Number(params['errno'])))} (${params['errno_name']})`;
  }
}
