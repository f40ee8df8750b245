/** German words of the pages about sources. */
import type { TableFlaw } from '@skerry/core/tags/tag-table'
import type { sourcesTexts } from '../../pages/sources/english-sources.ts'
import type { Translated } from '../translation.ts'
import { geraete, viele, zahl } from './german-count.ts'

/** Stands behind the line and the column. */
const tableFlaws: Readonly<Record<TableFlaw['message'], string>> = {
  missing: 'fehlt; die erste Zeile muss group, everyMs und name nennen',
  repeated: 'steht zweimal in der ersten Zeile',
  quotes: 'hat ein Anführungszeichen ohne Gegenstück',
  short: 'fehlt in dieser Zeile',
  long: 'steht nicht in der ersten Zeile',
  empty: 'darf nicht leer sein',
  rates: 'weicht von der Rate der Gruppe darüber ab',
  twice: 'ist der Name eines anderen Tags',
}

const tags = (value: number) => viele(value, 'Tag', 'Tags')
/** Behind a preposition that takes the dative. */
const geraeten = (value: number) => viele(value, 'Gerät', 'Geräten')

export const germanSources: Translated<typeof sourcesTexts> = {
  title: 'Quellen',
  count: (rows) => viele(rows, 'Quelle', 'Quellen'),
  filter: 'Quellen filtern',
  noMatch: 'Keine Quelle passt zum Filter.',
  empty: 'Noch keine Quellen',
  emptyHint:
    'Eine Quelle ist eine Verbindung zu einer Anlage, etwa einer SPS. Sie legt die Tags, ihre Adressen und ihre Takte fest.',
  create: 'Neue Quelle',
  back: 'Quellen',
  toMonitors: 'Ihre Überwachung',
  toAlarm: 'Alarm bei einem Grenzwert',
  columns: { name: 'Name', scope: 'Für', protocol: 'Protokoll', tags: 'Tags', version: 'Version', set: 'Gesetzt' },
  scope: (scope) =>
    scope === 'organisation' ? 'alle Geräte' : scope.replace('site:', 'Standort ').replace('device:', 'Gerät '),
  by: (name) => `von ${name}`,
  unproven: 'nicht erprobt',
  unprovenWhole: 'nicht an echten Anlagen erprobt',
  unprovenHint: 'Nur mit unseren eigenen Simulatoren getestet. Vergleichen Sie die Werte mit der Anlage.',
  tagsText: tags,
  version: (version) => `Version ${version}`,
  change: 'Ändern',
  remove: 'Entfernen',
  removeTitle: (name, scope) => `Die Quelle ${name} entfernen, für ${scope}?`,
  removeLead: (devices) =>
    `Sie wird vom Hub und von ihren Geräten entfernt${devices === undefined ? '' : ` (${geraete(devices)})`}. Flows, die ihre Tags lesen, bekommen keine Werte mehr.`,
  removed: (name) => `${name} ist entfernt`,
  states: {
    connecting: 'Verbindet',
    up: 'In Betrieb',
    down: 'Ausgefallen',
    crashed: 'Abgestürzt',
    quarantined: 'In Quarantäne',
    refused: 'Abgelehnt',
    silent: 'Stumm',
    unsaid: 'Noch nicht gemeldet',
  },
  stateHints: {
    connecting: 'Das Gerät versucht, die Anlage zu erreichen',
    up: 'Die Anlage antwortet',
    down: 'Die Anlage antwortet nicht; das Gerät versucht es von selbst wieder',
    crashed: 'Die Bibliothek des Protokolls ist abgestürzt; das Gerät startet sie neu',
    quarantined: 'Sie ist innerhalb von zehn Minuten zu oft abgestürzt, darum hat das Gerät sie angehalten',
    refused: 'Das Gerät kann diese Quelle nicht betreiben; die Meldung nennt den Grund',
    silent: 'Das Gerät meldet sich gerade nicht, darum ist der Zustand unbekannt',
    unsaid: 'Das Gerät hat diese Quelle noch nicht gemeldet',
  },
  reports: {
    columns: { state: 'Zustand', rate: 'Werte/s', since: 'Ausgefallen seit', error: 'Letzter Fehler' },
    unknown: 'unbekannt',
    states: {
      quarantined: 'in Quarantäne',
      refused: 'abgelehnt',
      crashed: 'abgestürzt',
      down: 'ausgefallen',
      connecting: 'verbindet',
      up: 'in Betrieb',
      silent: 'stumm',
      unsaid: 'noch nicht gemeldet',
    },
  },
  devices: {
    title: 'Geräte',
    lead: (count, overridden) =>
      `Sie gilt für ${geraete(count)}${overridden === 0 ? '' : `; auf ${geraeten(overridden)} gilt eine genauere dieses Namens`}.`,
    none: 'Sie gilt noch für kein Gerät: Ihr Bereich hat keines, oder jedes hat eine genauere dieses Namens.',
    columns: {
      device: 'Gerät',
      state: 'Zustand',
      since: 'Seit',
      rate: 'Werte/s',
      note: 'Meldung',
      live: 'Werte',
      restart: 'Neustart',
    },
    live: 'Aktuelle Werte',
    liveOn: (device) => `Aktuelle Werte auf ${device}`,
    behind: 'hat die neueste Version noch nicht',
    figures: (skipped, lost, crashes) =>
      [
        skipped > 0 && `${viele(skipped, 'Runde', 'Runden')} ausgelassen`,
        lost > 0 && `${viele(lost, 'Wert', 'Werte')} verloren`,
        crashes > 0 && `${viele(crashes, 'Absturz', 'Abstürze')} innerhalb von zehn Minuten`,
      ]
        .filter((text) => text !== false)
        .join(', '),
    more: (count) => `${zahl(count)} weitere zeigen`,
    unnamed: (count) => `und ${zahl(count)}, die hier nicht genannt sind`,
  },
  tags: {
    title: 'Tags',
    filter: 'Tags filtern',
    placeholder: 'Wörter eines Namens, einer Gruppe, einer Adresse',
    columns: { name: 'Name', group: 'Gruppe', every: 'Alle', where: 'Adresse', unit: 'Einheit', write: 'Schreiben' },
    noMatch: 'Kein Tag passt.',
    readOnly: 'nur lesen',
    writable: (min, max) => (min === undefined && max === undefined ? 'jeder Wert' : `${min ?? '…'} bis ${max ?? '…'}`),
    interlocked: 'verriegelt',
    onlyWhile: (when) => `Nur solange ${when}`,
    export: 'Als CSV speichern',
  },
  edit: {
    newTitle: 'Neue Quelle',
    changeTitle: (name) => `${name} ändern`,
    for: 'Für',
    kinds: { organisation: 'alle Geräte', site: 'die Geräte eines Standorts', device: 'ein Gerät' },
    site: 'Standort',
    device: 'Gerät',
    choose: 'Bitte wählen',
    text: 'Definition (YAML)',
    file: 'Datei wählen',
    tags: 'Tags aus CSV',
    table: ({ line, column, message }: TableFlaw) =>
      `Zeile ${zahl(line)} der Tabelle: Spalte ${column} ${tableFlaws[message]}`,
    tableFirst: 'Schreiben Sie zuerst name, protocol und connection. Die Tags kommen dazu.',
    fileTooLarge: 'Die Datei ist zu groß: Der Hub nimmt höchstens 32 MiB.',
    checks: 'Prüfung',
    sound: (name, count) => `${name}, ${tags(count)}: keine Fehler.`,
    unproven: (protocol) =>
      `${protocol} ist nicht an echten Anlagen erprobt. Lesen Sie zur Probe, und vergleichen Sie die Werte mit der Anlage.`,
    blank: 'Schreiben Sie eine Quelle, oder wählen Sie eine Datei. Fehler erscheinen hier.',
    flaws: (count) => viele(count, 'Fehler', 'Fehler'),
    line: (line) => `Zeile ${zahl(line)}`,
    named: 'Sie können den Namen nicht ändern: Legen Sie eine andere Quelle an',
    protocol: (known) => `muss eines davon sein: ${known.join(', ')}`,
    unknownField: (field) => `${field} ist hier kein Feld`,
    reach: 'Wirkung',
    changes: { created: 'Sie würde angelegt', changed: 'Sie würde geändert', unchanged: 'Sie bliebe gleich' },
    would: (devices, isSame) => {
      if (devices === 0) return 'Sie gilt jetzt für kein Gerät.'
      return isSame
        ? `Auf ${geraeten(devices)} läuft sie so:`
        : `${geraete(devices)} ${devices === 1 ? 'würde' : 'würden'} in Sekunden damit beginnen oder dazu wechseln:`
    },
    overridden: (devices) => `Auf ${geraeten(devices)} gilt eine genauere:`,
    more: (count) => `und ${zahl(count)} weitere`,
    waiting: 'Schreiben Sie zuerst eine Definition ohne Fehler.',
    placeFirst: 'Wählen Sie zuerst das Gerät oder den Standort.',
    save: 'Speichern',
    cancel: 'Abbrechen',
    saved: (name, version) => `${name} ist als Version ${version} gespeichert`,
    same: (name) => `${name} ist unverändert`,
    stale:
      'Sie können nicht speichern, weil jemand anderes sie geändert hat. Kopieren Sie Ihren Text, laden Sie die Seite neu, und ändern Sie ihn dort.',
    taken: (kind) =>
      `Eine ${kind === 'source' ? 'Quelle' : 'Senke'} dieses Namens gibt es in diesem Bereich schon. Ändern Sie diese, oder wählen Sie einen anderen Namen.`,
    comments: 'Der Hub speichert keine Kommentare. Behalten Sie Ihre eigene Datei, wenn Sie sie brauchen.',
  },
}
