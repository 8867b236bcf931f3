import { z } from 'zod';
import { dscpMax, packetTtlMax, packetTtlMin, payloadBytesMax } from '../../core/target/probe-packet.ts';
import {
  intervalSecondsMax,
  intervalSecondsMin,
  normalizeTags,
  nameLengthMax,
  notesLengthMax,
  parseTargetAddress,
  tagFault,
  tagsMax,
} from '../../core/target/target.ts';

export const addressError = 'must be the text of an IPv4 or IPv6 address.';
const frequencyError = `must be a number of seconds from ${intervalSecondsMin} to ${intervalSecondsMax}.`;

/** A canonical address; the error says in a sentence why the text cannot be probed. */
export const address = z.string({ error: addressError }).transform((text, context) => {
  const parsed = parseTargetAddress(text);
  if (parsed.kind === 'address') return parsed.address;
  context.addIssue({ code: 'custom', message: parsed.message });
  return z.NEVER;
});

export const frequency = z
  .number(frequencyError)
  .min(intervalSecondsMin, frequencyError)
  .max(intervalSecondsMax, frequencyError)
  .meta({ description: 'Seconds between probes', example: 1 });

/** `""` is stored as null. */
const emptyIsNull = (text: string | null | undefined): string | null => (text === '' ? null : (text ?? null));

export const url = z
  .string('must be the text of an http or https address.')
  .max(2000, 'must have at most 2000 characters.')
  .refine((text) => text === '' || isWebAddress(text), 'must be an http or https address.')
  .nullable()
  .transform(emptyIsNull)
  .meta({ description: "Link to the target's own interface; http(s) only", example: 'https://router.example/' });

export const notes = z
  .string('must be text.')
  .max(notesLengthMax, `must have at most ${notesLengthMax} characters.`)
  .nullable()
  .transform(emptyIsNull)
  .meta({ example: 'Core router, rack 4' });

function wholeOrNull(what: string, min: number, max: number, description: string) {
  const error = `must be a whole ${what} from ${min} to ${max}, or null.`;
  return z.int(error).min(min, error).max(max, error).nullable().meta({ description });
}

export const packetFields = {
  packet_size: wholeOrNull(
    'number of bytes',
    ...([0, payloadBytesMax] as const),
    'Bytes of payload of a probe, after the ICMP header; null for the default of 16. Below 8, replies are verified ' +
      'with a shorter token, at 0 with none',
  ),
  dscp: wholeOrNull('number', 0, dscpMax, 'Differentiated services code point of a probe; null for 0'),
  ttl: wholeOrNull(
    'number',
    packetTtlMin,
    packetTtlMax,
    "Time to live (hop limit) of a probe; null for the system's own",
  ),
  dont_fragment: z
    .boolean('must be true or false.')
    .meta({
      description:
        'Whether a probe larger than the path allows is dropped by a router instead of being fragmented: a loss with the ' +
        'reason `icmp-3-4` (IPv4) or `icmp-2-0` (IPv6); not for TCP',
    }),
};

const tagText = z.string('must be text.').superRefine((text, context) => {
  const fault = tagFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} ${fault}` });
});

const visible = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/** Empty removes it. Composed (NFC), so that searching for a name that looks the same finds it. */
export const name = z
  .string('must be text or null.')
  .trim()
  .normalize('NFC')
  .max(nameLengthMax, `must have at most ${nameLengthMax} characters.`)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, 'must not contain line breaks or control characters.')
  .refine((text) => text === '' || visible.test(text), 'must have a visible character.')
  .nullable()
  .transform(emptyIsNull)
  .meta({ description: 'What people call the target', example: 'core-router-1' });

export const tags = z
  .array(tagText, 'must be a list of texts.')
  .max(tagsMax, `must have at most ${tagsMax} tags.`)
  .transform((texts) => [...normalizeTags(texts)])
  .meta({ description: 'To find and group targets by; kept in lower case', example: ['core', 'rack 4'] });

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '';
}
