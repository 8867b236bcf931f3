import type { Commit } from '../../storage/storage.ts';

export interface GroupLimits {
  readonly commits: number;
  readonly results: number;
}

/** Waiting commits are stored in few writes, so that a slow storage keeps up; each is bounded, because others wait for it. */
export const usualGroup: GroupLimits = { commits: 64, results: 100_000 };
export const oneAlone: GroupLimits = { commits: 1, results: 0 };

/** The first commits within the limits; always at least one. */
export function leadingGroup<Member extends Pick<Commit, 'results'>>(
  commits: readonly Member[],
  limits: GroupLimits,
): readonly Member[] {
  let results = 0;
  const end = commits.findIndex((commit, index) => {
    results += commit.results.length;
    return index > 0 && (index >= limits.commits || results > limits.results);
  });
  return end < 0 ? commits.slice() : commits.slice(0, end);
}

export function resultsIn(commits: readonly Pick<Commit, 'results'>[]): number {
  return commits.reduce((sum, { results }) => sum + results.length, 0);
}
