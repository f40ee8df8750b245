/** The texts of what is looked at as it goes on. */

export const liveTexts = {
  live: 'Live',
  waiting: 'Waiting for the first answer',
  paused: 'Paused',
  hidden: 'Paused while nobody looks',
  stale: (age: string) => `The last answer came ${age} ago`,
  hint: 'Asked of the device every second',
  pause: 'Pause',
  goOn: 'Go on',
} as const
