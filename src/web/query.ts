import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';

/** What the server refused will be refused again; a server that is unavailable comes back. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
      retryDelay: (count) => 500 * 2 ** count,
      staleTime: 5000,
      refetchOnWindowFocus: true,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
