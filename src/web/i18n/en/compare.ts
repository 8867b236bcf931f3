export const texts = {
  choose: 'Choose targets',
  chosen: '{{count, number}} of at most 8 targets',
  column: { avg: 'Average', coverage: 'Coverage', jitter: 'Jitter', loss: 'Loss', max: 'Max', target: 'Target' },
  empty: 'Nothing to compare yet',
  emptyText: 'Choose two to eight targets, or one and the week before.',
  figures: 'Figures of the selection',
  label: 'Median round trips of the compared targets over time',
  remove: 'Leave out {{name}}',
  search: 'Search for an address or a note',
  title: 'Compare',
  weekBefore: '{{name}}, a week before',
  weeks: 'With the week before',
};
