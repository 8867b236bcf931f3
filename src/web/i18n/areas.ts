// The areas and their English texts, as types: a screen names its area with useTranslation('area').
import type { texts as access } from './en/access.ts';
import type { texts as add } from './en/add.ts';
import type { texts as common } from './en/common.ts';
import type { texts as compare } from './en/compare.ts';
import type { texts as fleet } from './en/fleet.ts';
import type { texts as path } from './en/path.ts';
import type { texts as session } from './en/session.ts';
import type { texts as settings } from './en/settings.ts';
import type { texts as target } from './en/target.ts';

export interface Areas {
  readonly access: typeof access;
  readonly add: typeof add;
  readonly common: typeof common;
  readonly compare: typeof compare;
  readonly fleet: typeof fleet;
  readonly path: typeof path;
  readonly session: typeof session;
  readonly settings: typeof settings;
  readonly target: typeof target;
}

/** The texts of one area in some language. */
export interface Texts {
  readonly [key: string]: string | Texts;
}

export type Area = keyof Areas;

/** A text, named from anywhere: `AREA:KEY`. */
export type TextKey = { [Each in Area]: `${Each}:${KeyOf<Areas[Each]>}` }[Area];

type KeyOf<T> = { [Key in keyof T & string]: T[Key] extends string ? Key : `${Key}.${KeyOf<T[Key]>}` }[keyof T &
  string];

/** The areas that these texts are in, for `useTranslation`. */
export function areasOf(keys: readonly TextKey[]): readonly Area[] {
  return [...new Set(keys.map((key) => key.slice(0, key.indexOf(':')) as Area))];
}

/**
 * The same keys in another language, of which any may be missing: English fills in, and `texts.test.ts` lists them. A language
 * may have plural forms that English lacks.
 */
export type Translated<T> = { readonly [Key in keyof T]?: T[Key] extends string ? string : Translated<T[Key]> } & {
  readonly [Key in keyof T as PluralForm<Key>]?: string;
};

type PluralForm<Key> = Key extends `${infer Text}_other` ? `${Text}_${Intl.LDMLPluralRule}` : never;
