import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['compare']> = {
  choose: 'Choisir des cibles',
  chosen: '{{count, number}} cibles sur 8 au plus',
  column: { avg: 'Moyenne', coverage: 'Couverture', jitter: 'Gigue', loss: 'Perte', max: 'Max', target: 'Cible' },
  empty: 'Rien à comparer pour l’instant',
  emptyText: 'Choisissez de deux à huit cibles, ou une seule et la semaine précédente.',
  figures: 'Chiffres de la sélection',
  label: 'Allers-retours médians des cibles comparées au fil du temps',
  remove: 'Retirer {{name}}',
  search: 'Chercher une adresse ou une note',
  title: 'Comparer',
  weekBefore: '{{name}}, une semaine avant',
  weeks: 'Avec la semaine précédente',
};
