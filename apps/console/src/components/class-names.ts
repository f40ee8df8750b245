/** Class names: joined by condition. A later class overrides an earlier one of its kind. */
import { type ClassValue, clsx } from 'clsx'
import { twMerge } from 'tailwind-merge'

/** The classes as one text. */
export const cn = (...values: ClassValue[]): string => twMerge(clsx(values))
