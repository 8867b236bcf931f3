import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['settings']> = { title: 'Réglages' };
