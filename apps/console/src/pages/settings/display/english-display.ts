/** The texts of the choice of the language. */
import { inLanguage } from '../../../texts/in-language.ts'

export const languageTexts = inLanguage('display', {
  title: 'Language of the console',
  label: 'Language',
  browser: (name: string) => `As the browser (${name})`,
  hint: 'In German: the menu, the overview with alerts and first steps, sites, devices, sources, sinks, deployments, the audit log and the tour. All other pages, and the texts of the hub, are in English. Numbers and times follow the language. The page loads again.',
} as const)
