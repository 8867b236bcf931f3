import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['fleet']> = { title: 'Parc' };
