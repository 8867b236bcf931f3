import { queryOptions } from '@tanstack/react-query';
import { readiness } from '../../contract/system.ts';
import { serverUrl } from '../base-path.ts';
import { fetchAndLearn } from '../clock/clock.ts';

/** Database, prober and recorder; the answer has the same shape whether all is well or not. */
export const healthQuery = queryOptions({
  queryKey: ['readiness'],
  queryFn: async () => readiness.parse(await (await fetchAndLearn(`${serverUrl}/readyz`)).json()),
  refetchInterval: 15_000,
});
