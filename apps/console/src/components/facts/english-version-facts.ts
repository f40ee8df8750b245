/** The texts of the wanted and the running versions. */
export const versionFactsTexts = {
  wanted: 'Wanted now',
  short: 'Running',
  running: 'Running, by the last reports of the devices',
}
