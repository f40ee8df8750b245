/** German words of the list of devices: its actions, and the link of a device. */
import type { devicesWords } from '../../pages/devices/english-devices.ts'
import type { linkTexts } from '../english-links.ts'
import type { Translated } from '../translation.ts'
import { geraete, viele, zahl } from './german-count.ts'

export const germanDevicesWords: Translated<typeof devicesWords> = {
  filterPlaceholder: (example) => `Wörter, etwa ${example}`,
  filterHelpWords:
    'Wörter: Das Gerät muss jedes davon haben, in irgendeinem Feld. Ein Wort mit einem Feld, wie site:oslo, wird nur in diesem Feld gesucht. Setzen Sie einen Text mit Leerzeichen in doppelte Anführungszeichen.',
  filterHelpSelector:
    'Ein Text, der „device.“ oder „site.“ nennt oder einen Operator wie == hat, ist ein Selektor, wie in einer Bereitstellung. Die Befehlszeile hat denselben Filter: skerry device ls --filter.',
  join: 'Gerät aufnehmen',
  noFailure:
    'Ein Gerät, das von einer fehlgeschlagenen Version zurückgekehrt ist, ist nicht mehr fehlgeschlagen. Es merkt sich den Fehlschlag.',
  showRemembered: 'Gemerkte Fehlschläge zeigen',
  polls: 'fragt ab',
  models: 'Modelle',
  processor: 'Prozessor',
  memory: 'Speicher',
  processorTitle: (model, cores, arch) => `${model}, ${viele(cores, 'Kern', 'Kerne')}, ${arch}`,

  waiting: (value) => (value === 1 ? '1 Gerät wartet auf Freigabe' : `${zahl(value)} Geräte warten auf Freigabe`),
  waitingShow: 'Zeigen',

  select: (name) => `${name} auswählen`,
  selectAll: 'Alle gezeigten auswählen',
  selection: 'Aktionen für die ausgewählten Geräte',
  selected: (value) => `${geraete(value)} ausgewählt`,
  clear: 'Auswahl aufheben',

  approve: (value) => (value === 0 ? 'Freigeben' : `${zahl(value)} freigeben`),
  approveNone: 'Keines der ausgewählten Geräte wartet auf Freigabe',
  approveTitle: (value) => `${geraete(value)} freigeben?`,
  approveLead: 'Jedes bekommt ein Zertifikat und nimmt an Bereitstellungen teil.',
  approved: (value) => `${geraete(value)} freigegeben`,

  addLabel: 'Etikett setzen',
  removeLabel: 'Etikett entfernen',
  addTitle: (value) => `Ein Etikett setzen: ${geraete(value)}`,
  removeTitle: (value) => `Ein Etikett entfernen: ${geraete(value)}`,
  labelLead:
    'Andere Etiketten bleiben. Bereitstellungen, deren Selektoren das Etikett nutzen, können auf den Geräten beginnen oder enden.',
  label: 'Etikett',
  labelHint: 'schlüssel=wert',
  labelKey: 'Etikett',
  labelKeyNone: 'Wählen Sie ein Etikett',
  labelInvalid: 'Das ist nicht schlüssel=wert',
  addVerb: (value) => `Auf ${zahl(value)} setzen`,
  removeVerb: (value) => `Von ${zahl(value)} entfernen`,
  unchanged: (value) => `${geraete(value)} ${value === 1 ? 'braucht' : 'brauchen'} keine Änderung.`,
  relabelled: (value) => `Etikett geändert: ${geraete(value)}`,

  tooMany: (max) =>
    `Sie können höchstens ${zahl(max)} Geräte auf einmal ändern. Machen Sie den Filter enger, oder nehmen Sie die Befehlszeile.`,
  progress: (done, total) => `${zahl(done)} von ${zahl(total)} erledigt`,
  stopped: (left) => `Angehalten. Unverändert: ${geraete(left)}.`,
  failures: (value) => `Fehlgeschlagen bei ${viele(value, 'Gerät', 'Geräten')}:`,
  stop: 'Anhalten',
  again: 'Diese noch einmal versuchen',
}

export const germanLinks: Translated<typeof linkTexts> = {
  long: ['verbunden', 'nicht verbunden', 'nie verbunden'],
  since: 'seit',
  short: ['ja', 'nein', 'nie'],
  ends: {
    goodbye: 'Der Agent wurde angehalten.',
    closed: 'Die Verbindung brach ab: Der Agent wurde abgebrochen, oder die Maschine oder das Netz ist ausgeschaltet.',
    hub: 'Sein Hub wurde angehalten.',
  },
}
