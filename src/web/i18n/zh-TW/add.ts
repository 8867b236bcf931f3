import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['add']> = { title: '新增目標' };
