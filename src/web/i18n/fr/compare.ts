import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['compare']> = {
  beyond_one: 'Hors du graphique, limité à huit courbes : {{names}}.',
  beyond_other: 'Hors du graphique, limité à huit courbes : {{names}}.',
  choose: 'Choisir des cibles',
  chosen: '{{count, number}} cibles sur 8 au plus',
  column: { avg: 'Moyenne', coverage: 'Couverture', jitter: 'Gigue', loss: 'Perte', max: 'Max', target: 'Cible' },
  empty: 'Rien à comparer pour l’instant',
  emptyText: 'Choisissez de deux à huit cibles, ou une seule et la semaine précédente.',
  figures: 'Chiffres de la sélection',
  label: 'Allers-retours médians des cibles comparées au fil du temps',
  more_one: 'et {{count, number}} de plus : affinez la recherche',
  more_other: 'et {{count, number}} de plus : affinez la recherche',
  remove: 'Retirer {{name}}',
  search: 'Chercher une adresse, un nom, une note ou une étiquette',
  title: 'Comparer',
  unknown_one: 'La cible {{ids}} n’existe pas ; elle a peut-être été supprimée.',
  unknown_other: 'Les cibles {{ids}} n’existent pas ; elles ont peut-être été supprimées.',
  weekBefore: '{{name}}, une semaine avant',
  weeks: 'Avec la semaine précédente',
};
