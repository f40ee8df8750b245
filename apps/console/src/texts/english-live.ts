/** The texts of cards with live values. */

export const liveTexts = {
  live: 'Live',
  waiting: 'Waiting for the first answer',
  paused: 'Paused',
  hidden: 'Paused while the page is hidden',
  stale: (age: string) => `The last answer came ${age} ago`,
  hint: 'Fetched from the device every second',
  pause: 'Pause',
  goOn: 'Resume',
} as const
