/** German words of the pages about sinks. */
import type { sinksTexts } from '../../pages/sinks/english-sinks.ts'
import type { Translated } from '../translation.ts'
import { geraete, viele, zahl } from './german-count.ts'

/** Behind a preposition that takes the dative. */
const geraeten = (value: number) => viele(value, 'Gerät', 'Geräten')

export const germanSinks: Translated<typeof sinksTexts> = {
  title: 'Senken',
  count: (rows) => viele(rows, 'Senke', 'Senken'),
  filter: 'Senken filtern',
  noMatch: 'Keine Senke passt zum Filter.',
  empty: 'Noch keine Senken',
  emptyHint:
    'Eine Senke ist ein Ziel für Werte von Geräten, etwa eine Datenbank oder ein Broker. Der Hub selbst braucht keine.',
  back: 'Senken',
  columns: { name: 'Name', scope: 'Für', protocol: 'Protokoll', version: 'Version', set: 'Gesetzt' },
  scope: (scope) =>
    scope === 'organisation' ? 'alle Geräte' : scope.replace('site:', 'Standort ').replace('device:', 'Gerät '),
  by: (name) => `von ${name}`,
  version: (version) => `Version ${version}`,
  create: 'Neue Senke',
  change: 'Ändern',
  remove: 'Entfernen',
  removeTitle: (name, scope) => `Die Senke ${name} entfernen, für ${scope}?`,
  removeLead: (devices) =>
    `Sie wird vom Hub und von ihren Geräten entfernt${devices === undefined ? '' : ` (${geraete(devices)})`}. Werte, die in ihren Warteschlangen stehen, bleiben ungesendet auf deren Datenträgern. Flows, die sie nutzen, warten auf eine andere Senke dieses Namens.`,
  removed: (name) => `${name} ist entfernt`,
  said: 'Definition',
  edit: {
    newTitle: 'Neue Senke',
    changeTitle: (name) => `${name} ändern`,
    blank: 'Schreiben Sie eine Senke, oder wählen Sie eine Datei. Fehler erscheinen hier.',
    sound: (name, protocol) => `${name}, über ${protocol}: keine Fehler.`,
    named: 'Sie können den Namen nicht ändern: Legen Sie eine andere Senke an',
    queues: 'Werte, die in ihren Warteschlangen stehen, bleiben auf den Geräten, während Sie sie ändern.',
    secrets:
      'Nennen Sie statt eines Passworts ein Geheimnis: { secret: NAME }. Geheimnisse setzen Sie in den Einstellungen.',
  },
  test: {
    title: 'Auf einem Gerät testen',
    lead: 'Das Gerät verbindet sich so mit dem Ziel, wie diese Senke es festlegt, mit seinen eigenen Geheimnissen und über sein eigenes Netz. Seine laufenden Senken und deren Warteschlangen bleiben, wie sie sind.',
    waiting: 'Der Test braucht eine Definition ohne Fehler.',
    noDevice: 'Sie können die Senke nicht testen, weil sie für kein Gerät gilt.',
    choose: 'Wählen Sie zuerst ein Gerät.',
    verb: 'Senke testen',
    send: 'Einen Testwert senden',
    sendHint: (name) =>
      `Ohne ihn schreibt der Test nichts. Der Wert heißt skerry-test/${name}, ist als unsicher gekennzeichnet und bleibt am Ziel.`,
    name: 'NAME',
    running: (device) => `${device} verbindet sich mit dem Ziel.`,
    cancelled: 'Der Test wurde abgebrochen.',
    passed: 'Bestanden',
    failed: 'Fehlgeschlagen',
    on: 'auf',
    reached: {
      nothing: 'Das Gerät hat das Ziel nicht erreicht.',
      address:
        'Das Ziel nimmt Verbindungen an. Es wurde nichts geschrieben. Die Zugangsdaten werden nur mit einem Testwert geprüft.',
      session: 'Das Ziel nimmt die Verbindung und die Zugangsdaten an. Es wurde nichts geschrieben.',
      value: 'Das Ziel hat den Testwert bestätigt.',
    },
    value: (name, id) => `Testwert: skerry-test/${name}, id ${id}`,
    old: 'Dieses Ergebnis ist alt: Die Senke, das Gerät oder die Wahl eines Testwerts hat sich seitdem geändert.',
  },
  devices: {
    title: 'Geräte',
    lead: (devices, overridden) =>
      `Sie gilt für ${geraete(devices)}${overridden === 0 ? '' : `; auf ${geraeten(overridden)} gilt eine genauere dieses Namens`}.`,
    none: 'Sie gilt noch für kein Gerät: Ihr Bereich hat keines, oder jedes hat eine genauere dieses Namens.',
    columns: {
      device: 'Gerät',
      state: 'Zustand',
      since: 'Seit',
      waiting: 'Wartend',
      oldest: 'Ältester',
      lost: 'Verloren',
      rate: 'Geliefert/s',
      note: 'Meldung',
    },
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
      connecting: 'Das Gerät versucht, sie zu erreichen; Werte warten auf seinem Datenträger',
      up: 'Sie nimmt Werte an',
      down: 'Sie nimmt keine Werte an; diese warten auf dem Datenträger, und das Gerät versucht es von selbst wieder',
      crashed: 'Ihr Thread ist abgestürzt; das Gerät startet ihn neu',
      quarantined: 'Sie ist innerhalb von zehn Minuten zu oft abgestürzt, darum hat das Gerät sie angehalten',
      refused: 'Das Gerät kann diese Senke nicht betreiben; die Meldung nennt den Grund',
      silent: 'Das Gerät meldet sich gerade nicht, darum ist der Zustand unbekannt',
      unsaid: 'Das Gerät hat diese Senke noch nicht gemeldet',
    },
    waiting: (values, size) => (values === 0 ? 'nichts' : `${zahl(values)} (${size})`),
    lost: (values) => (values === 0 ? 'keine' : zahl(values)),
    behind: 'hat die neueste Version noch nicht',
    crashes: (crashes) => `${viele(crashes, 'Absturz', 'Abstürze')} innerhalb von zehn Minuten`,
    more: (devices) => `${zahl(devices)} weitere zeigen`,
    unnamed: (devices) => `und ${zahl(devices)}, die hier nicht genannt sind`,
  },
}
