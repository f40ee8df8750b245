/** German words of the audit log and of the names of the settings. */
import type { texts } from '../english.ts'
import type { Translated } from '../translation.ts'
import { viele, zahl } from './german-count.ts'

type Words = typeof texts

const eintraege = (records: number): string => viele(records, 'Eintrag', 'Einträge')

export const germanAudit: Translated<Words['audit']> = {
  title: 'Prüfprotokoll',
  lead: 'Jede Änderung und jeder abgelehnte Versuch. Jeder Eintrag enthält den Hash des vorigen.',
  action: 'Aktion',
  actionPlaceholder: 'rollout.*',
  object: 'Gegenstand',
  objectPlaceholder: 'Name oder Kennung',
  verify: 'Kette prüfen',
  verifying: 'Wird geprüft …',
  intact: (records) => `Lückenlos: ${eintraege(records)}`,
  broken: (sequence, problem) => `Gebrochen bei Eintrag ${sequence}: ${problem}`,
  export: 'Ausgeben',
  exporting: (records) => `${zahl(records)} bisher; anhalten`,
  stopExport: 'Ausgabe anhalten',
  columns: {
    sequence: '#',
    time: 'Zeit',
    actor: 'Wer',
    action: 'Aktion',
    object: 'Gegenstand',
    what: 'Was',
    result: 'Ergebnis',
    source: 'Von',
  },
  loaded: (records, isMore) => (isMore ? `${eintraege(records)} bisher; blättern Sie zu älteren` : eintraege(records)),
  range: 'Zeit',
  anyTime: 'Jede Zeit',
  spans: { '1h': 'Letzte Stunde', '24h': 'Letzte 24 Stunden', '7d': 'Letzte 7 Tage', '30d': 'Letzte 30 Tage' },
  ownRange: 'Von … bis …',
  from: 'Von',
  to: 'Vor',
  actor: 'Wer',
  actorPlaceholder: 'Schlüssel oder Gerät',
  result: 'Ergebnis',
  anyResult: 'Jedes Ergebnis',
  ok: 'Getan',
  refused: 'Abgelehnt',
  clear: 'Filter leeren',
  open: (sequence) => `Eintrag ${sequence} öffnen`,
  record: (sequence) => `Eintrag ${sequence}`,
  noRecord: (sequence) => `Es gibt keinen Eintrag ${sequence}`,
  hash: 'Hash',
  previous: 'Voriger Hash',
  allOf: 'alle Einträge dazu',
  empty: 'Kein Eintrag passt',
  emptyHint: 'Leeren Sie den Filter, um das ganze Protokoll zu sehen.',
  hub: 'der Hub selbst',
  dryRun: 'Probelauf',
  onDevice: 'auf dem Gerät um',
}

export const germanSettings: Translated<Words['settings']> = {
  title: 'Einstellungen',
  tabs: {
    organisations: 'Organisationen',
    tokens: 'Beitrittscodes',
    joining: 'Beitritt',
    keys: 'API-Schlüssel',
    people: 'Personen',
    roles: 'Rollen',
    agents: 'Agenten',
    secrets: 'Geheimnisse',
    certificates: 'Zertifikate',
    trail: 'Prüfprotokoll',
    health: 'Zustand',
    about: 'Über',
  },
}
