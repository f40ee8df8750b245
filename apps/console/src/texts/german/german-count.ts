/**
 * Numbers in German words: `1 Gerät`, `2.000 Geräte`. The German words import no other code of the console, because the
 * console waits for them before it runs its own.
 */

const number = new Intl.NumberFormat('de')

export const zahl = (value: number): string => number.format(value)

export const viele = (value: number, eines: string, mehrere: string): string =>
  `${zahl(value)} ${value === 1 ? eines : mehrere}`

export const geraete = (value: number): string => viele(value, 'Gerät', 'Geräte')

export const standorte = (value: number): string => viele(value, 'Standort', 'Standorte')
