/** The texts of the ways of going out that fit most fleets, and of one's own. */
export const presets = {
  label: 'A way that fits most fleets',
  'all-at-once': ['All at once', 'Everybody is offered it at the same time. For a first version, or a few devices.'],
  canary: ['Canary', '5 % first. After 5 healthy minutes all the others. At the first failure everybody goes back.'],
  shadow: [
    'Shadow',
    'On each device it gets a copy of the requests first, and its answers are compared. It serves once they were right.',
  ],
  staged: ['Staged', '5 %, then 25 %, then the rest, with time between. Pauses when more than 2 % fail.'],
  cautious: ['Cautious', 'One device for an hour, then 5 %, 25 %, the rest. At the first failure everybody goes back.'],
  'blue-green': [
    'Blue-green',
    'Made ready everywhere beside the old version. When a person approves, all switch at once; the old one stays at hand.',
  ],
  own: ['Your own', 'Waves that you set up yourself.'],
} as const
