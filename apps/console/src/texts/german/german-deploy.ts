/** German words of the wizard for deployments: its strategies, its review and its mistakes. */
import type { deployTexts } from '../../pages/deploy/english-deploy.ts'
import type { Translated } from '../translation.ts'
import { geraete, viele, zahl } from './german-count.ts'
import {
  germanChoices,
  germanFields,
  germanPreview,
  germanProbation,
  germanServing,
  germanWhere,
} from './german-deploy-steps.ts'

type Words = Translated<typeof deployTexts>

const verlieren = (value: number) => `${geraete(value)} ${value === 1 ? 'verliert' : 'verlieren'} das Modell`

const presets: Words['presets'] = {
  label: 'Übliche Strategien',
  'all-at-once': [
    'Alle zugleich',
    'Alle Geräte bekommen sie zur selben Zeit. Für eine erste Version, oder für wenige Geräte.',
  ],
  canary: [
    'Canary',
    'Zuerst 5 %. Nach 5 fehlerfreien Minuten alle anderen. Der erste Fehlschlag rollt alle Geräte zurück.',
  ],
  shadow: [
    'Schatten',
    'Jedes Gerät schickt ihr zuerst eine Kopie der Anfragen und vergleicht die Antworten. Sie geht in Betrieb, wenn diese richtig waren.',
  ],
  staged: [
    'Gestuft',
    '5 %, dann 25 %, dann der Rest, mit Pausen dazwischen. Er hält an, wenn mehr als 2 % fehlschlagen.',
  ],
  cautious: [
    'Vorsichtig',
    'Ein Gerät für eine Stunde, dann 5 %, 25 %, der Rest. Der erste Fehlschlag rollt alle Geräte zurück.',
  ],
  'blue-green': [
    'Blau-Grün',
    'Alle Geräte bereiten sie neben der alten Version vor. Wenn eine Person es freigibt, wechseln sie zugleich. Die alte Version bleibt bereit.',
  ],
  own: ['Eigene', 'Wellen, die Sie selbst einrichten.'],
}

const waves: Words['waves'] = {
  title: 'Wellen',
  lead: 'Wellen laufen der Reihe nach. Jede Welle nimmt von den übrigen Geräten die, die zu ihrem Selektor passen, bis zu ihrer Grenze.',
  none: 'Keine Wellen: Der Hub bietet sie allen Geräten zugleich an. Der erste Fehlschlag hält den Rollout an.',
  add: 'Welle hinzufügen',
  wave: (index) => `Welle ${index}`,
  up: (index) => `Welle ${index} nach oben`,
  down: (index) => `Welle ${index} nach unten`,
  remove: (index) => `Welle ${index} entfernen`,
  rest: 'Der Rest',
  restHint: 'Alle übrigen Geräte kommen zuletzt. Der erste Fehlschlag hält den Rollout an.',
  fields: {
    name: ['Name', 'freiwillig'],
    to: ['Nur Geräte, die passen', 'CEL; leer: alle'],
    limit: ['Höchstens', 'leer: alle'],
    soak: ['Bleibt fehlerfrei für', 'bevor die nächste Welle öffnet'],
    failures: ['Geduldete Fehlschläge', 'einer mehr hält den Rollout an'],
    executed: ['Kleinste Stichprobe', 'so viele Meldungen; nötig, wenn die geduldeten Fehlschläge ein Anteil sind'],
    gates: ['Schranken', 'Zahlen, die gelten müssen: error-rate < 0.01 every 1m x5; latency p99_ratio < 1.5'],
    limits: ['Fehlschläge einer Art', 'rejected 2, failed 5% of 20'],
    deadline: ['Frist', 'ein Gerät, das so lange nichts meldet, ist fehlgeschlagen'],
  },
  flags: {
    mandatory: 'Pflicht: vor allen anderen, und keines ihrer Geräte darf fehlschlagen',
    approval: 'Öffnet nur, wenn eine Person sie freigibt',
    pause: 'Pausiert, wenn sie bestanden ist',
  },
  more: 'Weitere Einstellungen dieser Welle',
  picture: 'Geräte jeder Welle',
  devices: geraete,
  soak: (soak) => `danach ${soak} fehlerfrei`,
}

const pace: Words['pace'] = {
  title: 'Tempo',
  more: 'Weitere Einstellungen des Tempos',
  units: { rate: 'je Minute', retry: 'Versuche' },
  fields: {
    rate: ['Geräte je Minute', '100; oder 10 x2 per 50 proved: doppelt so viele nach je 50, auf denen sie gut läuft'],
    budget: ['Geräte, die zugleich wechseln', '2 per site.name, 10%, oder keep 3 per device.labels.line'],
    retry: ['Versuche nach einem Fehlschlag', '2, oder 2 after 5m'],
    shadow: ['Antworten, die vor dem Betrieb verglichen werden', '100 for 10m; of 25% der Anfragen, within 1% falsch'],
    switchOver: ['Alle wechseln gemeinsam', 'approved; at once; keep 1h hält die alte Version geladen'],
    download: ['Wann Geräte sie holen dürfen', '0 22 * * *, Europe/Berlin, 4h: nach ihren eigenen Uhren'],
    install: ['Wann der Betrieb beginnen darf', '0 2 * * 6,0, Europe/Berlin, 2h; geholte Versionen warten'],
    locks: ['Update-Sperren auf Geräten', 'ignore, wenn niemand eine lösen kann'],
  },
  usual: {
    rate: 'keine Grenze',
    budget: 'keine Grenze',
    retry: 'keine',
    shadow: 'keine: Sie geht sofort in Betrieb',
    switchOver: 'nein: jedes Gerät, wenn es bereit ist',
    download: 'jederzeit',
    install: 'jederzeit',
    locks: 'das Gerät wartet',
  },
}

const strategy: Words['strategy'] = {
  details: 'Einzelheiten ändern',
  detailsHint: 'die Wellen, das Tempo und die Regeln für Fehlschläge und für Geräte ohne Verbindung',
  onFailure: 'Wenn Fehlschläge die Grenze überschreiten',
  onFailures: {
    pause: ['Pausieren', 'Der Hub bietet sie keinem weiteren Gerät an, bis eine Person entscheidet.'],
    abort: ['Abbrechen', 'Der Hub bietet sie keinem weiteren Gerät an. Geräte in Ordnung behalten sie.'],
    'rollback-wave': ['Welle zurückrollen', 'Geräte dieser Welle gehen auf ihre letzte gute Version zurück.'],
    'rollback-all': ['Alles zurückrollen', 'Jedes Gerät geht auf seine letzte gute Version zurück.'],
  },
  offline: 'Geräte ohne Verbindung',
  offlines: {
    wait: ['Warten', 'Bis zur Frist ihrer Welle; danach gelten sie als fehlgeschlagen.'],
    skip: ['Überspringen', 'Sie bekommen sie, wenn sie sich nach dem Ende des Rollouts verbinden.'],
  },
  lateJoiners: 'Geräte, die später passen',
  lateJoinersAll: {
    last: ['Letzte Welle', 'Sie kommen in die letzte Welle.'],
    wave: ['Ihre Welle', 'Sie kommen in die Welle, zu der sie passen, auch wenn sie schon offen ist.'],
    hold: ['Zurückhalten', 'Sie warten, bis der Rollout beendet ist.'],
  },
}

const review: Words['review'] = {
  words: 'In Worten',
  plan: 'Probelauf',
  planning: 'Der Hub wird gefragt …',
  change: { create: 'Eine neue Bereitstellung', update: 'Eine neue Revision', none: 'Nichts würde sich ändern' },
  version: 'Version',
  leaves: verlieren,
  leavesAll: (value) => `Der Selektor wählt kein Gerät: ${verlieren(value)}, und keines behält es`,
  leavesWhen: 'Sie behalten es, bis alle Wellen fehlerfrei sind. Ein Rollback davor gibt es ihnen zurück.',
  seen: (value) => `Ich habe gesehen: ${verlieren(value)}`,
  unseen: 'Bestätigen Sie zuerst, dass Geräte das Modell verlieren.',
  devices: 'Geräte',
  bytes: 'Zu übertragen',
  bytesText: (total, each) => `${total} insgesamt, ${each} an ein Gerät ohne eine der Dateien`,
  duration: 'Dauert',
  atLeast: (time) => `mindestens ${time}`,
  heldUp: 'Gewählt, können es aber nicht ausführen, oder nicht bald',
  // The hub sends the message in English.
  caution: (value, message) => `${geraete(value)}: ${message}.`,
  stuck: 'Das Budget sperrt alle Geräte dieser Gruppen:',
  group: (group, value) => `${group || 'alle'} (${geraete(value)})`,
  refusals: (all) => all.map((each) => `${zahl(each.count)} ${each.code}`).join(', '),
  refused: (value) => `${geraete(value)} ausgeschlossen`,
  nobody: 'Jetzt ist kein Gerät gewählt. Die Bereitstellung wartet auf passende Geräte.',
  changes: (revision) => `Änderungen seit Revision ${revision}`,
  noChanges: 'Es gibt keinen Unterschied.',
  moved: (from, to) => `Der Text ist derselbe, aber die Version ist jetzt ${to} statt ${from}.`,
  forms: 'Formen des Modells',
  anyClass: 'jede',
  columns: {
    form: 'Form',
    class: 'Hardwareklasse',
    field: 'Feld',
    before: 'Vorher',
    after: 'Nachher',
    wave: 'Welle',
    devices: 'Geräte',
    bytes: 'Zu übertragen',
    duration: 'Dauert',
    which: 'Welche',
    why: 'Warum',
  },
  absent: 'nicht gesetzt',
  yaml: 'Als YAML',
  yamlHint: 'Eingabe für: skerry apply -f',
  command: 'Als Befehl',
  commandNone: 'Ein einzelner Befehl kann das nicht ausdrücken. Kopieren Sie das YAML, und führen Sie dann aus:',
  copyYaml: 'das YAML',
  copyCommand: 'den Befehl',
  go: (devices) => (devices === 0 ? 'Bereitstellen' : `Auf ${viele(devices, 'Gerät', 'Geräten')} bereitstellen`),
  going: 'Wird bereitgestellt …',
  nothing: 'Nichts würde sich ändern',
  unready: 'Berichtigen Sie zuerst die früheren Schritte',
  done: (name, revision) => `Der Rollout der Revision ${revision} von ${name} läuft`,
  same: (name) => `${name} ist unverändert`,
}

const problems: Words['problems'] = {
  model: 'wählen Sie ein Modell',
  name: '1 bis 63 Zeichen aus a-z, 0-9 und -, kein - am Anfang und Ende',
  duration: 'eine Zeit wie 90s, 5m, 2h oder 1d',
  amount: 'eine Zahl von Geräten, oder ein Anteil wie 10%',
  number: 'eine Zahl',
  rate: 'eine Rate wie 100, oder 10 x2 per 50 proved up to 1000',
  budget: 'ein Budget wie 2, 20% per site.name, oder keep 3 per device.labels.line',
  retry: 'eine Zahl von Versuchen wie 2, oder 2 after 5m',
  switchOver: 'approved oder at once, und wie lange die alte Version bleibt, etwa approved keep 1h',
  shadow: 'zu vergleichende Antworten wie 100, oder 100 for 10m of 25% within 1%',
  gatesOfFile: '(nur eine Datei kann diese Schranken ausdrücken: skerry apply -f)',
  gates: 'Schranken wie error-rate < 0.01 every 1m x5, getrennt durch ;',
  download: 'ein Fenster wie 0 22 * * *, Europe/Berlin, 4h',
  install: 'ein Fenster wie 0 2 * * *, Europe/Berlin, 2h',
  locks: 'ignore, oder leer',
  limits: 'Grenzen für failed, rejected, timed-out oder all, etwa rejected 2, failed 5% of 20',
  atLeast: (value) => `mindestens ${zahl(value)}`,
  atMost: (value) => `höchstens ${zahl(value)}`,
}

export const germanDeploy: Words = {
  title: 'Modell bereitstellen',
  titleChange: (name) => `${name} ändern`,
  deploy: 'Bereitstellen',
  steps: { what: 'Was', where: 'Wo', how: 'Wie', review: 'Prüfung' },
  stepsLabel: 'Schritte',
  stepState: { done: 'erledigt', problem: 'hier stimmt etwas nicht', next: 'folgt noch' },
  headings: {
    what: 'Was soll laufen?',
    where: 'Auf welchen Geräten?',
    how: 'Wie soll der Rollout ablaufen?',
    review: 'Ist das richtig?',
  },
  next: 'Weiter',
  back: 'Zurück',
  fix: (value) => `Berichtigen Sie zuerst ${viele(value, 'Feld', 'Felder')}`,
  fields: germanFields,
  serving: germanServing,
  probation: germanProbation,
  choices: germanChoices,
  usual: (value) => `üblich: ${value}`,
  where: germanWhere,
  preview: germanPreview,
  presets,
  waves,
  pace,
  unitOf: {
    limit: 'Einheit der Grenze',
    soak: 'Einheit der fehlerfreien Zeit',
    failures: 'Einheit der Duldung',
    deadline: 'Einheit der Frist',
    budget: 'Einheit des Budgets',
  },
  asWritten: 'wie geschrieben',
  units: {
    times: [
      { unit: 's', name: 'Sekunden' },
      { unit: 'm', name: 'Minuten' },
      { unit: 'h', name: 'Stunden' },
      { unit: 'd', name: 'Tage' },
    ],
    shares: [
      { unit: '', name: 'Geräte' },
      { unit: '%', name: '% davon' },
    ],
  },
  strategy,
  review,
  conflict: {
    title: 'Jemand hat sie inzwischen geändert',
    lead: (base, now) =>
      `Sie haben mit Revision ${base} begonnen, aber Revision ${now} ist aktuell. Wählen Sie, welche Änderungen bleiben.`,
    leadMade: (now) =>
      `Die Bereitstellung gab es nicht, als Sie begonnen haben. Sie ist jetzt bei Revision ${now}. Wählen Sie, welche Änderungen bleiben.`,
    gone: 'Sie wurde inzwischen entfernt. Wenn Sie Ihre anwenden, legen Sie eine neue an.',
    theirs: 'Fremde Änderungen',
    keep: 'Meine Änderungen behalten',
    take: 'Meine Änderungen verwerfen',
    first: 'Wählen Sie zuerst, welche Änderungen bleiben',
  },
  problems,
  loadFailed: (name) => `Die Bereitstellung ${name} gibt es nicht`,
  revisionGone: (revision) => `Der Hub hat Revision ${revision} nicht mehr`,
}
