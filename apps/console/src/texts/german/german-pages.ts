/** German words of the overview with its alerts and first steps, and of the lists of sites and devices. */
import type { texts } from '../english.ts'
import type { Translated } from '../translation.ts'
import { geraete, standorte, viele, zahl } from './german-count.ts'

type Words = typeof texts

export const germanOverview: Translated<Words['overview']> = {
  title: 'Übersicht',
  devices: 'Geräte',
  devicesTotal: (value, sites) => `${geraete(value)} an ${viele(sites, 'Standort', 'Standorten')}`,
  map: 'Standorte',
  allSites: 'Alle Standorte als Liste',
  mapLabel: 'Karte der Standorte, gefärbt nach dem Zustand ihrer Geräte',
  mapHint:
    'Ein Standort ohne Koordinaten ist in der Mitte seines Landes. Die Pfeiltasten gehen von Markierung zu Markierung.',
  unplaced: (value) => `${standorte(value)} ohne Land oder Koordinaten`,
  zoomIn: 'Vergrößern',
  zoomOut: 'Verkleinern',
  zoomReset: 'Ganze Welt',
  cluster: (sites, devices) => `${standorte(sites)}, ${geraete(devices)}`,
  marked: (sites) => (sites < 1_000 ? String(sites) : `${Math.floor(sites / 1_000)}k`),
  rollouts: 'Laufende Rollouts',
  noRollouts: 'Kein Rollout läuft.',
  noRolloutsHint: 'Rollouts erscheinen hier, Welle für Welle.',
  audit: 'Neueste Änderungen',
  allAudit: 'Ganzes Protokoll',
  allRollouts: 'Alle Rollouts',
  models: 'Modelle auf Geräten',
  active: 'Aktiv',
  movingItems: 'In Änderung',
  failedItems: 'Fehlgeschlagen',
  reported: 'nach der letzten Meldung',
  down: { sources: 'Quellen gestört', sinks: 'Senken gestört' },
  wave: (wave, total) => `Welle ${wave} von ${total}`,
  running: 'läuft',
}

export const germanDevices: Translated<Words['devices']> = {
  title: 'Geräte',
  filter: 'Geräte filtern',
  any: 'Jeder Zustand',
  healthFilter: 'Zustand',
  loadingCount: (value) => `${zahl(value)} bisher …`,
  count: geraete,
  columns: {
    health: 'Zustand',
    name: 'Name',
    site: 'Standort',
    labels: 'Etiketten',
    generation: 'Generation',
    agent: 'Agent',
    connected: 'Verbunden',
    seen: 'Zuletzt gesehen',
  },
  missingAt: 'seine letzte Meldung ist von',
  reportedAt: 'gemeldet',
  behind: (observed, wanted) => `auf ${observed}, soll auf ${wanted} sein`,
  empty: 'Noch keine Geräte',
  emptyHint: 'Erstellen Sie einen Beitrittscode, und starten Sie damit einen Agenten.',
  noMatch: 'Kein Gerät passt zum Filter',
  noMatchHint: 'Entfernen Sie ein Wort oder eine Bedingung, oder leeren Sie den Filter.',
  clear: 'Filter leeren',
}

export const germanAlerts: Translated<Words['alerts']> = {
  title: 'Braucht Aufmerksamkeit',
  quiet: 'Alles ruhig',
  noAlerts: 'Noch keine Meldungen',
  quietHint: 'Keine bekannten Probleme.',
  quietUnknown: (devices) =>
    `Keine bekannten Probleme, aber ${geraete(devices)} ${devices === 1 ? 'hat' : 'haben'} sich noch nicht gemeldet.`,
  quietNoDevices: 'Keine bekannten Probleme. Es gibt noch kein Gerät.',
  bell: (alerts) =>
    alerts === 0
      ? 'Warnungen: keine'
      : `Warnungen: ${zahl(alerts)} ${alerts === 1 ? 'braucht' : 'brauchen'} Aufmerksamkeit`,
  bellUnknown: 'Warnungen: unbekannt',
  many: (alerts) => (alerts > 99 ? '99+' : zahl(alerts)),
  severity: { critical: 'Kritisch', warning: 'Warnung', info: 'Zu tun' },
  ends: 'endet',
  all: (alerts) => `Alle ${zahl(alerts)} zeigen`,
  fewer: 'Weniger zeigen',
  omitted: (alerts) =>
    `${viele(alerts, 'weitere Warnung wird', 'weitere Warnungen werden')} nicht gezeigt. Kümmern Sie sich zuerst um diese.`,
  toOverview: 'Alle in der Übersicht',
  worst: 'Am meisten bei',
}

export const germanSteps: Translated<Words['steps']> = {
  title: 'Erste Schritte',
  progress: (done, total) => `${done} von ${total} erledigt`,
  done: 'erledigt',
  site: {
    title: 'Einen Standort anlegen',
    hint: 'Ein Ort mit Geräten: ein Werk, ein Laden, eine Region der Cloud.',
    action: 'Neuer Standort',
  },
  device: {
    title: 'Ein Gerät aufnehmen',
    hint: 'Erstellen Sie einen Beitrittscode, und starten Sie damit einen Agenten. Das Gerät erscheint hier in Sekunden.',
    action: 'Neuer Beitrittscode',
    command: (site) => `skerry agent --join "$(skerry device token create --site ${site})"`,
  },
  model: {
    title: 'Ein Modell hochladen',
    hint: 'Eine ONNX-Datei. Der Hub prüft und signiert sie. Geräte vergleichen ihre Antworten, bevor sie damit arbeiten.',
    action: 'Modell hochladen',
    command: () => 'skerry model push model.onnx --name my-model',
  },
  deploy: {
    title: 'Bereitstellen',
    hint: 'Wählen Sie die Geräte und das Tempo. Der Rollout hält von selbst an, wenn er fehlschlägt.',
    action: 'Bereitstellen',
    command: () => "skerry deploy my-model --to 'true'",
  },
  equipment: {
    title: 'Maschinen am Standort?',
    hint: 'Binden Sie nach dem ersten Gerät eine SPS, einen Broker oder einen Simulator als Quelle an. Ein Gerät lernt dann, was normal ist, und löst Alarm aus, ohne ein Modell von Ihnen.',
    action: 'Anlage anbinden',
    learn: 'Normal lernen',
  },
  commandLabel: 'Befehl',
}

export const germanSites: Translated<Words['sites']> = {
  title: 'Standorte',
  filter: 'Standorte filtern',
  count: standorte,
  group: 'Gruppieren nach',
  groups: { country: 'Land', kind: 'Art' },
  sort: 'Sortieren nach',
  sorts: { name: 'Name', trouble: 'Probleme zuerst', devices: 'Meiste Geräte' },
  openAll: 'Alle öffnen',
  closeAll: 'Alle schließen',
  create: 'Neuer Standort',
  empty: 'Noch keine Standorte',
  emptyHint:
    'Ein Standort ist ein Ort mit Geräten: ein Werk, ein Laden, eine Region der Cloud. Legen Sie einen an, dann nehmen Sie dort ein Gerät auf.',
  noMatch: 'Kein Standort passt zum Filter',
  noMatchHint: 'Entfernen Sie eine Bedingung, oder leeren Sie den Filter.',
  columns: { name: 'Ort', state: 'Zustand', devices: 'Geräte' },
  tree: 'Standorte nach Ort',
  noCountry: 'Land nicht angegeben',
  devicesUnit: 'Geräte',
  noDevices: 'keine Geräte',
  allHealthy: 'alle gesund',
  kinds: { edge: 'Vor Ort an der Anlage', onprem: 'Eigenes Rechenzentrum', cloud: 'Cloud' },
}

export const germanSiteCounts: Translated<Words['siteCounts']> = {
  one: (value, name) => `${zahl(value)} ${name.toLowerCase()}`,
}

export const germanFilter: Translated<Words['filter']> = {
  placeholder: (example) => `Wörter oder ${example}`,
  help: 'So filtern Sie',
  helpWords: 'Wörter: Die Zeile muss jedes davon enthalten, in beliebiger Folge. „feld:wert“ sucht in einem Feld.',
  helpExpression: 'Oder ein CEL-Ausdruck, wie --filter der Befehlszeile:',
  kind: (sample) => {
    if (typeof sample === 'number') return 'Zahl'
    if (typeof sample === 'boolean') return 'wahr oder falsch'
    if (Array.isArray(sample)) return 'Liste'
    return typeof sample === 'object' ? 'Abbildung, etwa von Etiketten' : 'Text'
  },
}
