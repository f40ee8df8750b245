/** Class names: joined by condition, where a later class overrules an earlier one of its kind. */
import { type ClassValue, clsx } from 'clsx'
import { twMerge } from 'tailwind-merge'

/** The classes as one text. */
export const cn = (...values: ClassValue[]): string => twMerge(clsx(values))
