/** German words of the wizard for deployments: its steps What, Where and How. */
import type { deployTexts } from '../../pages/deploy/english-deploy.ts'
import type { Translated } from '../translation.ts'
import { geraete, viele, zahl } from './german-count.ts'

type Words = Translated<typeof deployTexts>

export const germanFields: Words['fields'] = {
  model: 'Modell',
  chooseModel: 'Modell wählen',
  noModels: 'Es gibt noch keine Modelle.',
  noModelsHint: 'Laden Sie zuerst ein Modell hoch.',
  toModels: 'Zu den Modellen',
  version: 'Version',
  latest: (version) => `Neueste: jetzt Version ${version}`,
  alias: (alias, version) => `@${alias}: jetzt Version ${version}`,
  number: (version) => `Version ${version}`,
  fixedHint: 'Die Bereitstellung behält diese Version, bis jemand sie ändert.',
  movingHint: (version) =>
    `Jetzt ist es Version ${version}, und der Hub stellt diese Version bereit. Ändert sie sich später, wenden Sie die Bereitstellung noch einmal an.`,
  form: 'Form des Modells',
  formVersion: 'Die Version selbst',
  formVersionHint: 'Geräte bekommen die Version so, wie sie hochgeladen wurde.',
  formPreferred: {
    best: 'Der beste Build für jede Hardwareklasse: der schnellste',
    smallest: 'Der kleinste Build für jede Hardwareklasse',
    'least-memory': 'Der Build mit dem geringsten Speicherbedarf, für jede Hardwareklasse',
    'most-accurate': 'Der genaueste der schnelleren Builds, für jede Hardwareklasse',
  },
  formPreferredHint: {
    best: 'Jede Klasse bekommt den Build, der dort nach Messungen auf Geräten der schnellste ist. Andere Geräte bekommen die Version selbst.',
    smallest:
      'Jede Klasse bekommt den kleinsten Build, der dort nicht langsamer als die Version ist. Ein langsamerer muss das p95-Ziel der letzten Optimierung einhalten. Andere Geräte bekommen die Version selbst.',
    'least-memory':
      'Jede Klasse bekommt den Build, dessen Prozess dort am wenigsten Speicher braucht und der nicht langsamer als die Version ist. Ein langsamerer muss das p95-Ziel der letzten Optimierung einhalten. Andere Geräte bekommen die Version selbst.',
    'most-accurate':
      'Von den Builds, die auf einer Klasse schneller sind, bekommt sie den, dessen Antworten denen der Version am nächsten sind. Andere Geräte bekommen die Version selbst.',
  },
  formBuild: (name, size) => `${name}, ${size}`,
  formBuildHint: 'Geräte bekommen diesen Build statt der Version. Jedes Gerät testet ihn, bevor es ihn bedient.',
  formRecipe: (recipe) => `${recipe}, der neueste Build`,
  formRecipeHint: 'Geräte bekommen den neuesten Build dieses Rezepts. Der Hub wählt ihn, wenn Sie bereitstellen.',
  formLost: 'Diese Version hat keinen solchen Build. Wählen Sie eine andere Form.',
  name: 'Name der Bereitstellung',
  nameHint: 'a-z, 0-9 und -. Nutzen Sie für jede Konfiguration des Modells eine eigene Bereitstellung.',
  newName: 'Eine neue Bereitstellung.',
  begunFrom: (name) => `Ihre Strategie ist die der Bereitstellung ${name}.`,
  begunFromIt: 'Alle Einstellungen beginnen so, wie sie dort sind.',
  existing: (name, revision) => `Die Bereitstellung ${name} gibt es schon. Dies legt ihre Revision ${revision} an.`,
  existingRuns: (model, version, healthy) =>
    `Ihre Version ist ${model}:${version}. Auf ${viele(healthy, 'Gerät', 'Geräten')} läuft sie gut.`,
  existingRunning: (model, version, running) =>
    `Ihre Version ist ${model}:${version}. Auf ihren Geräten läuft: ${running}.`,
  otherModel: (model) => `Sie betreibt ein anderes Modell, ${model}. Alle ihre Geräte beenden dann ${model}.`,
  load: 'Mit ihrer aktuellen Revision beginnen',
  advanced: 'Erweitert: Betrieb des Modells und Probezeit',
  advancedChanged: (value) => `${zahl(value)} geändert`,
}

export const germanServing: Words['serving'] = {
  instances: ['Instanzen des Modells', 'Worker-Threads, jeder mit dem Modell einmal im Speicher'],
  threads: ['Threads', 'Innerhalb einer Inferenz'],
  spin: ['Wartende Threads drehen', 'Schneller auf einer freien Maschine, sehr langsam auf einer belasteten'],
  queueMax: ['Warteschlange', 'So viele Anfragen dürfen warten; die nächste wird mit 429 abgelehnt'],
  deadlineMs: ['Frist einer Anfrage in ms', 'Eine Anfrage, die länger dauert, wird mit 504 beantwortet'],
  maxBatch: ['Stapel', 'Anfragen, die gemeinsam laufen; 1 schaltet es aus'],
  maxDelayMs: ['Warten auf einen Stapel in ms', 'So lange wartet eine Anfrage höchstens auf andere'],
  warmUpRuns: ['Aufwärmläufe', 'Mit Nullen, vor der ersten Anfrage'],
  isolation: ['Läuft', 'Ein eigener Prozess kostet Speicher; sein Absturz hält kein anderes Modell an'],
  onCrash: ['Nach einem zweiten Absturz', 'Wenn die Laufzeit zweimal abgestürzt ist, während das Modell lief'],
  scaling: ['Skalierung', 'Die Zahl der Worker folgt der Last, etwa 0..4 concurrency=2'],
}

export const germanProbation: Words['probation'] = {
  seconds: [
    'Probezeit in Sekunden',
    'Die neue Version ist in Betrieb; das Gerät rollt sie zurück, wenn sie fehlschlägt',
  ],
  failureRateMax: [
    'Fehler in der Probezeit',
    'Anteil der Anfragen, die fehlschlagen dürfen, von 0 bis 1; beurteilt nach 20 Anfragen',
  ],
}

export const germanChoices: Words['choices'] = {
  false: 'nein',
  true: 'ja',
  shared: 'neben den anderen Modellen',
  process: 'in einem eigenen Prozess',
  isolate: 'läuft in einem eigenen Prozess weiter',
  stop: 'bleibt angehalten',
}

export const germanWhere: Words['where'] = {
  sources: {
    chosen: (sources) => `Diese Geräte haben, was der Flow liest: ${sources.join(', ')}.`,
    others: (sources) =>
      `Einige dieser Geräte haben vielleicht nicht, was der Flow liest: ${sources.join(', ')}. Dort läuft er ohne Werte.`,
    missing: (sources) =>
      `Kein Gerät hat die Quelle ${sources.join(', ')}. Fügen Sie sie auf der Seite der Quellen hinzu; bis dahin wartet der Flow auf sie.`,
    choose: 'Die Geräte wählen, die sie haben',
  },
  place: 'Platzierungsregel',
  placeLabel: 'Die Regel wählt unter diesen Geräten',
  placeHint:
    'Leer: alle. Sonst eine Vorlage (centralised, distributed, edge, hybrid) und Einstellungen, etwa hybrid replicas=3 data=confidential in=EU spread=site.',
  rows: 'Bedingungen',
  text: 'CEL',
  joint: 'Ein Gerät wird gewählt, wenn',
  joints: { and: 'alle davon zutreffen', or: 'eine davon zutrifft' },
  everybody: 'Keine Bedingung: Jedes Gerät wird gewählt.',
  add: 'Bedingung hinzufügen',
  remove: (index) => `Bedingung ${index} entfernen`,
  condition: (index) => `Bedingung ${index}`,
  field: (index) => `Feld der Bedingung ${index}`,
  key: (index) => `Label der Bedingung ${index}`,
  operator: (index) => `Vergleich der Bedingung ${index}`,
  value: (index) => `Wert der Bedingung ${index}`,
  keyHint: 'Label',
  valueHint: 'Wert',
  valuesHint: 'Werte, mit Kommas dazwischen',
  suggestion: (value, devices) => `${value} (${geraete(devices)})`,
  use: 'Nutzen Sie',
  inCondition: (index) => `in Bedingung ${index},`,
  selector: 'Selektor',
  selectorHint: 'CEL über device und site, für Regeln, die Bedingungen nicht ausdrücken können.',
  notRows: 'Bedingungen können diesen Selektor nicht ausdrücken, darum bleibt er Text.',
  notYet: 'Bedingungen erscheinen wieder, wenn der Text ein Selektor ist.',
  startOver: 'Mit Bedingungen neu beginnen',
  fields: {
    'site.name': 'Standort',
    'site.kind': 'Art des Standorts',
    'site.country': 'Land',
    'site.region': 'Region',
    'site.clearance': 'Vertraulichkeit',
    'site.labels': 'Label des Standorts',
    'device.name': 'Name des Geräts',
    'device.labels': 'Label des Geräts',
    'device.arch': 'Architektur',
    'device.os': 'System',
    'device.cpus': 'Kerne',
    'device.memoryMb': 'Speicher in MB',
    'device.capabilities': 'Kann ausführen',
    'device.status': 'Status',
    'device.online': 'Verbindung',
  },
  operators: {
    is: 'ist',
    'is-not': 'ist nicht',
    in: 'ist eines von',
    'not-in': 'ist keines von',
    starts: 'beginnt mit',
    ends: 'endet mit',
    contains: 'enthält',
    has: 'ist gesetzt',
    'has-not': 'ist nicht gesetzt',
    'at-least': 'ist mindestens',
    'at-most': 'ist höchstens',
    above: 'ist größer als',
    below: 'ist kleiner als',
    true: 'besteht',
    false: 'besteht nicht',
    holds: 'umfasst',
    lacks: 'umfasst nicht',
  },
}

export const germanPreview: Words['preview'] = {
  title: 'Passende Geräte',
  picked: (picked, total) => `${zahl(picked)} von ${viele(total, 'Gerät', 'Geräten')}`,
  refused: (value) => `${zahl(value)} ausgeschlossen`,
  counting: 'Wird gezählt …',
  again: 'Noch einmal zählen',
  find: 'Gerät suchen',
  findHint: 'Name oder Standort',
  tabs: { picked: 'Gewählt', refused: 'Ausgeschlossen', others: 'Nicht gewählt' },
  nobody: 'Kein Gerät ist gewählt. Die Bereitstellung wartet auf passende Geräte.',
  allRefused: 'Alle Geräte, die zum Selektor passen, sind ausgeschlossen.',
  noRefused: 'Kein Gerät ist ausgeschlossen.',
  noOthers: 'Jedes Gerät ist gewählt.',
  noFound: 'Hier gibt es kein Gerät dieses Namens.',
  more: (value) => `und ${zahl(value)} weitere`,
  refusedLead: 'Diese Geräte passen zum Selektor, können das Modell aber nicht ausführen, oder nicht jetzt.',
  othersLead: 'Zahl der Geräte, die eine Bedingung nicht erfüllen:',
  because: (condition) => `Trifft nicht zu: ${condition}`,
  at: 'an',
}
