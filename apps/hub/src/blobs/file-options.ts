/**
 * File options: the flags of the command line for model files that the database does not know, or that have no
 * reference.
 */
import type { FileRules } from './blob-collection.ts'

export type FileOptions = {
  /** Take over model files that another database owned. */
  isAdoptingBlobs: boolean
  fileRules: FileRules
}

type FileFlags = { 'adopt-blobs': boolean; 'remove-strays': boolean; 'keep-removed': string }

const DAY_MS = 86_400_000

/** A longer retention is an archive, which is not the task of a hub. */
const DAYS_MAX = 365

export const isNumberOfDays = (text: string): boolean => /^[0-9]{1,3}$/.test(text) && Number(text) <= DAYS_MAX

/** The flags in the form for the hub. */
export const fileOptions = (flags: FileFlags): FileOptions => ({
  isAdoptingBlobs: flags['adopt-blobs'],
  fileRules: { keepRemovedMs: Number(flags['keep-removed']) * DAY_MS, isRemovingStrays: flags['remove-strays'] },
})
