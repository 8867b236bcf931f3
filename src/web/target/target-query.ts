import { queryOptions } from '@tanstack/react-query';
import { showTarget } from '../../contract/targets/targets.ts';
import { api } from '../api.ts';

/** One target, deleted or not: the history of a deleted one can still be read. */
export const targetQuery = (id: number) =>
  queryOptions({
    queryKey: ['target', id],
    queryFn: ({ signal }) => api.call(showTarget, { params: { id }, query: { deleted: 'true' }, signal }),
  });
