/**
 * German: all translated words, by the module of the English ones. The console loads this file only in that language.
 * Texts without a translation stay English.
 */
import type { texts } from '../english.ts'
import type { TranslatedModule } from '../in-language.ts'
import type { Translated } from '../translation.ts'
import { germanAnswers } from './german-answers.ts'
import { germanDeploy } from './german-deploy.ts'
import { germanDeployments } from './german-deployments.ts'
import { germanDevicesWords, germanLinks } from './german-devices.ts'
import { germanAudit, germanSettings } from './german-hub-pages.ts'
import {
  germanAlerts,
  germanDevices,
  germanFilter,
  germanOverview,
  germanSiteCounts,
  germanSites,
  germanSteps,
} from './german-pages.ts'
import { germanCommon, germanShell, germanStates } from './german-shell.ts'
import { germanSinks } from './german-sinks.ts'
import { germanSources } from './german-sources.ts'
import { germanLanguage, germanTour } from './german-tour.ts'

/** The translated parts of the common texts. The parts about models, versions and rollouts are English. */
const germanTexts = {
  ...germanStates,
  shell: germanShell,
  common: germanCommon,
  overview: germanOverview,
  devices: germanDevices,
  alerts: germanAlerts,
  steps: germanSteps,
  sites: germanSites,
  siteCounts: germanSiteCounts,
  audit: germanAudit,
  settings: germanSettings,
  filter: germanFilter,
} satisfies Partial<Translated<typeof texts>>

export const german = {
  texts: germanTexts,
  devices: germanDevicesWords,
  links: germanLinks,
  tour: germanTour,
  display: germanLanguage,
  answers: germanAnswers,
  sinks: germanSinks,
  sources: germanSources,
  deployments: germanDeployments,
  deploy: germanDeploy,
} satisfies Record<TranslatedModule, object>
