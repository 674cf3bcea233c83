import { QueryClient } from '@tanstack/react-query';

/** What pages have asked, and how they ask. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // A page says why there is no answer, and offers to try again.
        retry: false,
        // A Prometheus in trouble is not asked more by whoever looks at another tab meanwhile.
        refetchOnWindowFocus: false,
        staleTime: 10_000,
      },
    },
  });
}
