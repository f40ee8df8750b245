/** The texts of the log card of a device. */
import { count } from '../../../texts/count.ts'

export const logWords = {
  title: 'Agent log',
  fetch: 'Fetch the log',
  again: 'Fetch again',
  empty: 'Nothing has been fetched',
  emptyHint: 'The agent keeps its newest 2,000 lines. Fetching them is recorded in the audit log.',
  offline: 'The device is not connected',
  level: 'Level',
  levels: { debug: 'All levels', info: 'Info and above', warn: 'Warnings and errors', error: 'Errors only' },
  filter: 'Filter lines',
  placeholder: 'Event or text',
  noMatch: 'No line fits',
  none: 'The agent has logged nothing',
  copy: 'lines',
  copied: (lines: number) => `${count(lines, 'line')} copied`,
  download: 'Download',
  shown: (shown: number, all: number) => (shown === all ? count(all, 'line') : `${shown} of ${count(all, 'line')}`),
  fetched: 'fetched',
  columns: { at: 'When', level: 'Level', event: 'Event' },
} as const
