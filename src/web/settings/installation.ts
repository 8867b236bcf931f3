import { queryOptions } from '@tanstack/react-query';
import { showInstallation } from '../../contract/system.ts';
import { api } from '../api.ts';

export const installationQuery = queryOptions({
  queryKey: ['system'],
  queryFn: () => api.call(showInstallation),
  refetchInterval: 30_000,
});
