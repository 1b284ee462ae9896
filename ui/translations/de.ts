<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>Adding</name>
  <message>
   <source>Already there: {count}.</source>
   <translation>Schon vorhanden: {count}.</translation>
  </message>
  <message>
   <source>No face was found in {files}.</source>
   <translation>Kein Gesicht gefunden in {files}.</translation>
  </message>
  <message>
   <source>Not added: {files}.</source>
   <translation>Nicht hinzugefügt: {files}.</translation>
  </message>
  <message>
   <source>Portraits added: {count}.</source>
   <translation>Hinzugefügte Porträts: {count}.</translation>
  </message>
  <message>
   <source>{count} more</source>
   <translation>{count} weitere</translation>
  </message>
 </context>
 <context>
  <name>AgeGraph</name>
  <message>
   <source>Frame age by stage</source>
   <translation>Bildalter nach Stufen</translation>
  </message>
  <message>
   <source>No pictures yet</source>
   <translation>Noch keine Bilder</translation>
  </message>
  <message>
   <source>age on screen</source>
   <translation>Alter am Bildschirm</translation>
  </message>
  <message>
   <source>capture</source>
   <translation>Aufnahme</translation>
  </message>
  <message>
   <source>crop</source>
   <translation>Ausschnitt</translation>
  </message>
  <message>
   <source>detect</source>
   <translation>Erkennung</translation>
  </message>
  <message>
   <source>display</source>
   <translation>Anzeige</translation>
  </message>
  <message>
   <source>motion</source>
   <translation>Bewegung</translation>
  </message>
  <message>
   <source>now</source>
   <translation>jetzt</translation>
  </message>
  <message>
   <source>render</source>
   <translation>Erzeugung</translation>
  </message>
  <message>
   <source>wait</source>
   <translation>Warten</translation>
  </message>
  <message>
   <source>{fps} fps, age {p50} / {p95} ms</source>
   <translation>{fps} B/s, Alter {p50} / {p95} ms</translation>
  </message>
  <message>
   <source>{n} s ago</source>
   <translation>vor {n} s</translation>
  </message>
 </context>
 <context>
  <name>Announcer</name>
  <message>
   <source>Calibrate</source>
   <translation>Kalibrieren</translation>
  </message>
  <message>
   <source>Every output then gets your camera's picture. 0 or B ends it.</source>
   <translation>Jede Ausgabe bekommt dann Ihr Kamerabild. 0 oder B beendet es.</translation>
  </message>
  <message>
   <source>Open folder</source>
   <translation>Ordner öffnen</translation>
  </message>
  <message>
   <source>Recording saved</source>
   <translation>Aufnahme gespeichert</translation>
  </message>
  <message>
   <source>Show my camera</source>
   <translation>Meine Kamera zeigen</translation>
  </message>
  <message>
   <source>Show your own face instead of the portrait?</source>
   <translation>Ihr eigenes Gesicht statt des Porträts zeigen?</translation>
  </message>
  <message>
   <source>Sit as you will stay, look as the portrait does, then calibrate.</source>
   <translation>Setzen Sie sich so, wie Sie bleiben, schauen Sie wie das Porträt, dann kalibrieren Sie.</translation>
  </message>
  <message>
   <source>Snapshot saved</source>
   <translation>Foto gespeichert</translation>
  </message>
 </context>
 <context>
  <name>AttentionView</name>
  <message>
   <source>Attention</source>
   <translation>Aufmerksamkeit</translation>
  </message>
  <message>
   <source>Portrait: looked at</source>
   <translation>Porträt: betrachtet</translation>
  </message>
  <message>
   <source>Result: click a point</source>
   <translation>Ergebnis: Punkt anklicken</translation>
  </message>
  <message>
   <source>Where in the portrait the attention looks for a point of the result: click it, or move it with the arrow keys</source>
   <translation>Wohin im Porträt die Aufmerksamkeit für einen Punkt des Ergebnisses schaut: anklicken oder mit den Pfeiltasten bewegen</translation>
  </message>
  <message>
   <source>average</source>
   <translation>Mittel</translation>
  </message>
  <message>
   <source>≥ {n} times</source>
   <translation>≥ {n}-fach</translation>
  </message>
 </context>
 <context>
  <name>Banner</name>
  <message>
   <source>Dismiss</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Error</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>Note</source>
   <translation>Hinweis</translation>
  </message>
  <message>
   <source>Warning</source>
   <translation>Warnung</translation>
  </message>
 </context>
 <context>
  <name>Bindings</name>
  <message>
   <source>Calibrate: this is my neutral pose</source>
   <translation>Kalibrieren: Dies ist meine neutrale Haltung</translation>
  </message>
  <message>
   <source>Find the best neutral pose, or cancel</source>
   <translation>Die beste neutrale Haltung suchen oder abbrechen</translation>
  </message>
  <message>
   <source>Full screen</source>
   <translation>Vollbild</translation>
  </message>
  <message>
   <source>Hide: the slate in every output</source>
   <translation>Verbergen: in jeder Ausgabe die Tafel</translation>
  </message>
  <message>
   <source>Less driver over the result</source>
   <translation>Weniger Vorbild über dem Ergebnis</translation>
  </message>
  <message>
   <source>Mirror the motion</source>
   <translation>Bewegung spiegeln</translation>
  </message>
  <message>
   <source>Mirror the preview</source>
   <translation>Vorschau spiegeln</translation>
  </message>
  <message>
   <source>More driver over the result</source>
   <translation>Mehr Vorbild über dem Ergebnis</translation>
  </message>
  <message>
   <source>Next portrait</source>
   <translation>Nächstes Porträt</translation>
  </message>
  <message>
   <source>Next view of the result</source>
   <translation>Nächste Ansicht des Ergebnisses</translation>
  </message>
  <message>
   <source>Open portraits</source>
   <translation>Porträts öffnen</translation>
  </message>
  <message>
   <source>Paste a portrait</source>
   <translation>Porträt einfügen</translation>
  </message>
  <message>
   <source>Portrait of the gallery</source>
   <translation>Porträt der Galerie</translation>
  </message>
  <message>
   <source>Previous portrait</source>
   <translation>Voriges Porträt</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Read the portrait from its file</source>
   <translation>Porträt neu aus der Datei lesen</translation>
  </message>
  <message>
   <source>Record on or off</source>
   <translation>Aufnahme an oder aus</translation>
  </message>
  <message>
   <source>Show my camera; asks first</source>
   <translation>Meine Kamera zeigen; fragt vorher</translation>
  </message>
  <message>
   <source>Show or hide crop box and keypoints</source>
   <translation>Ausschnitt und Schlüsselpunkte zeigen oder verbergen</translation>
  </message>
  <message>
   <source>Show where the time goes</source>
   <translation>Zeigen, wo die Zeit bleibt</translation>
  </message>
  <message>
   <source>Snapshot of the result</source>
   <translation>Foto vom Ergebnis</translation>
  </message>
  <message>
   <source>Space</source>
   <translation>Leertaste</translation>
  </message>
  <message>
   <source>Start or stop</source>
   <translation>Starten oder stoppen</translation>
  </message>
  <message>
   <source>This list</source>
   <translation>Diese Liste</translation>
  </message>
  <message>
   <source>Virtual camera on or off</source>
   <translation>Virtuelle Kamera an oder aus</translation>
  </message>
 </context>
 <context>
  <name>Bringing</name>
  <message>
   <source>Only the first {most} of {count} pictures are added.</source>
   <translation>Nur die ersten {most} von {count} Bildern werden hinzugefügt.</translation>
  </message>
  <message>
   <source>Pasted picture</source>
   <translation>Eingefügtes Bild</translation>
  </message>
  <message>
   <source>Save it with the browser, then drop or open the file. Nothing is ever downloaded.</source>
   <translation>Mit dem Browser speichern, dann die Datei ziehen oder öffnen. Es wird nie etwas heruntergeladen.</translation>
  </message>
  <message>
   <source>That is only the picture's address, not the picture.</source>
   <translation>Das ist nur die Adresse des Bildes, nicht das Bild.</translation>
  </message>
  <message>
   <source>There are no pictures in what you dropped.</source>
   <translation>In dem, was Sie gezogen haben, sind keine Bilder.</translation>
  </message>
  <message>
   <source>There is no picture in the clipboard</source>
   <translation>In der Zwischenablage ist kein Bild</translation>
  </message>
  <message>
   <source>Use JPEG, PNG or WebP files, or a folder of them.</source>
   <translation>Nehmen Sie JPEG-, PNG- oder WebP-Dateien oder einen Ordner davon.</translation>
  </message>
  <message>
   <source>You have that picture already: {name}</source>
   <translation>Sie haben dieses Bild schon: {name}</translation>
  </message>
  <message>
   <source>{name} is used from where it lies, and not kept.</source>
   <translation>{name} wird verwendet, wo es liegt, und nicht aufbewahrt.</translation>
  </message>
  <message>
   <source>{name} may animate badly.</source>
   <translation>{name} könnte sich schlecht bewegen.</translation>
  </message>
 </context>
 <context>
  <name>BroadcastPanel</name>
  <message>
   <source>It sends the portrait.</source>
   <translation>Sie sendet das Porträt.</translation>
  </message>
  <message>
   <source>It sends the slate.</source>
   <translation>Sie sendet die Tafel.</translation>
  </message>
  <message>
   <source>It sends your own face.</source>
   <translation>Sie sendet Ihr eigenes Gesicht.</translation>
  </message>
  <message>
   <source>Off. Start first.</source>
   <translation>Aus. Erst starten.</translation>
  </message>
  <message>
   <source>Off: no program sees you.</source>
   <translation>Aus: Kein Programm sieht Sie.</translation>
  </message>
  <message>
   <source>Offer the result as a camera to Zoom, OBS and others (V)</source>
   <translation>Das Ergebnis Zoom, OBS und anderen als Kamera anbieten (V)</translation>
  </message>
  <message>
   <source>On</source>
   <translation>An</translation>
  </message>
  <message>
   <source>On as {device}</source>
   <translation>An als {device}</translation>
  </message>
  <message>
   <source>Outputs are never mirrored, unless you switch on Mirror motion (T).</source>
   <translation>Ausgaben sind nie gespiegelt, außer wenn „Bewegung spiegeln“ an ist (T).</translation>
  </message>
  <message>
   <source>Switch off</source>
   <translation>Ausschalten</translation>
  </message>
  <message>
   <source>Switch on</source>
   <translation>Einschalten</translation>
  </message>
  <message>
   <source>Virtual camera</source>
   <translation>Virtuelle Kamera</translation>
  </message>
 </context>
 <context>
  <name>BuildBar</name>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Engine being built</source>
   <translation>Rechenwerk wird gebaut</translation>
  </message>
  <message>
   <source>Stop building; the present engine goes on</source>
   <translation>Bau beenden; das jetzige Rechenwerk läuft weiter</translation>
  </message>
  <message>
   <source>Stopping the build…</source>
   <translation>Der Bau wird beendet…</translation>
  </message>
  <message>
   <source>{n} %</source>
   <translation>{n} %</translation>
  </message>
 </context>
 <context>
  <name>Calibration</name>
  <message>
   <source>Calibration of {date} used; X takes a new one</source>
   <translation>Kalibrierung vom {date} verwendet; X nimmt eine neue</translation>
  </message>
  <message>
   <source>Cancelled: the neutral pose stays as it was</source>
   <translation>Abgebrochen: Die neutrale Haltung bleibt, wie sie war</translation>
  </message>
  <message>
   <source>Faces are not followed, so none can be compared: press X</source>
   <translation>Gesichter werden nicht verfolgt und daher nicht verglichen: X drücken</translation>
  </message>
  <message>
   <source>No face in view: the next one seen becomes the neutral pose</source>
   <translation>Kein Gesicht im Bild: Das nächste wird zur neutralen Haltung</translation>
  </message>
 </context>
 <context>
  <name>CameraBar</name>
  <message>
   <source>&amp;Camera</source>
   <translation>&amp;Kamera</translation>
  </message>
  <message>
   <source>Bundled driver</source>
   <translation>Mitgeliefertes Gesicht</translation>
  </message>
  <message>
   <source>Calibrate</source>
   <translation>Kalibrieren</translation>
  </message>
  <message>
   <source>Camera</source>
   <translation>Kamera</translation>
  </message>
  <message>
   <source>Camera {n}</source>
   <translation>Kamera {n}</translation>
  </message>
  <message>
   <source>Hide me</source>
   <translation>Mich verbergen</translation>
  </message>
  <message>
   <source>Keyboard shortcuts (?)</source>
   <translation>Tasten (?)</translation>
  </message>
  <message>
   <source>Look for cameras again</source>
   <translation>Noch einmal nach Kameras suchen</translation>
  </message>
  <message>
   <source>Look straight ahead as the portrait does, then press (X)</source>
   <translation>Geradeaus schauen wie das Porträt, dann drücken (X)</translation>
  </message>
  <message>
   <source>Offer the result as a camera to Zoom, OBS and others (V)</source>
   <translation>Das Ergebnis Zoom, OBS und anderen als Kamera anbieten (V)</translation>
  </message>
  <message>
   <source>Record</source>
   <translation>Aufnehmen</translation>
  </message>
  <message>
   <source>Record to a file…</source>
   <translation>In eine Datei aufnehmen…</translation>
  </message>
  <message>
   <source>Record to the Videos folder (F5)</source>
   <translation>In den Video-Ordner aufnehmen (F5)</translation>
  </message>
  <message>
   <source>Show the slate in every output at once (B)</source>
   <translation>Sofort in jeder Ausgabe die Tafel zeigen (B)</translation>
  </message>
  <message>
   <source>Start</source>
   <translation>Start</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>Stopp</translation>
  </message>
  <message>
   <source>Video file…</source>
   <translation>Videodatei…</translation>
  </message>
  <message>
   <source>Virtual camera</source>
   <translation>Virtuelle Kamera</translation>
  </message>
  <message>
   <source>Which camera or video drives the portrait</source>
   <translation>Welche Kamera oder welches Video das Porträt bewegt</translation>
  </message>
  <message>
   <source>{action} (Space)</source>
   <translation>{action} (Leertaste)</translation>
  </message>
 </context>
 <context>
  <name>CapturePanel</name>
  <message>
   <source>&amp;Resolution</source>
   <translation>&amp;Auflösung</translation>
  </message>
  <message>
   <source>As the camera likes</source>
   <translation>Wie die Kamera will</translation>
  </message>
  <message>
   <source>It gives {given} of {promised} fps, {ms} ms a frame. Poor light? Cameras expose longer in the dark: a lamp helps.</source>
   <translation>Sie gibt {given} von {promised} B/s, {ms} ms je Bild. Wenig Licht? Im Dunkeln belichten Kameras länger: Eine Lampe hilft.</translation>
  </message>
  <message>
   <source>It was asked for {w} × {h} and gives what it can.</source>
   <translation>Gewünscht waren {w} × {h}; sie gibt, was sie kann.</translation>
  </message>
  <message>
   <source>Not running</source>
   <translation>Läuft nicht</translation>
  </message>
  <message>
   <source>Picture</source>
   <translation>Bild</translation>
  </message>
  <message>
   <source>Plug it in again; it is picked up by itself.</source>
   <translation>Wieder anstecken; sie wird von selbst wieder genommen.</translation>
  </message>
  <message>
   <source>R&amp;ate</source>
   <translation>&amp;Bildrate</translation>
  </message>
  <message>
   <source>Rate</source>
   <translation>Bildrate</translation>
  </message>
  <message>
   <source>Repeat the video</source>
   <translation>Video wiederholen</translation>
  </message>
  <message>
   <source>Resolution</source>
   <translation>Auflösung</translation>
  </message>
  <message>
   <source>The picture is black. Is the shutter closed, or the camera forbidden in the system's privacy settings?</source>
   <translation>Das Bild ist schwarz. Ist die Blende zu, oder ist die Kamera in den Privatsphäre-Einstellungen des Systems verboten?</translation>
  </message>
  <message>
   <source>What the source gives</source>
   <translation>Was die Quelle liefert</translation>
  </message>
  <message>
   <source>{at} of {length}, {w} × {h}, {fps} fps</source>
   <translation>{at} von {length}, {w} × {h}, {fps} B/s</translation>
  </message>
  <message>
   <source>{fps} fps</source>
   <translation>{fps} B/s</translation>
  </message>
  <message>
   <source>{name} is lost</source>
   <translation>{name} ist verschwunden</translation>
  </message>
  <message>
   <source>{w} × {h}, {fps} fps</source>
   <translation>{w} × {h}, {fps} B/s</translation>
  </message>
 </context>
 <context>
  <name>Collection</name>
  <message>
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <source>{name} was removed.</source>
   <translation>{name} wurde entfernt.</translation>
  </message>
 </context>
 <context>
  <name>ConcernList</name>
  <message>
   <source>Why this portrait may animate badly</source>
   <translation>Warum sich dieses Porträt schlecht bewegen könnte</translation>
  </message>
 </context>
 <context>
  <name>Controller</name>
  <message>
   <source>Play again</source>
   <translation>Noch einmal abspielen</translation>
  </message>
  <message>
   <source>Still busy after stopping: {names}.</source>
   <translation>Nach dem Stopp noch beschäftigt: {names}.</translation>
  </message>
  <message>
   <source>There is no result to take a picture of</source>
   <translation>Es gibt kein Ergebnis für ein Foto</translation>
  </message>
  <message>
   <source>Unplug the device it waits for, or start the app again.</source>
   <translation>Das Gerät abziehen, auf das gewartet wird, oder die App neu starten.</translation>
  </message>
 </context>
 <context>
  <name>CropCanvas</name>
  <message>
   <source>Arrow keys move the square, plus and minus resize it; Shift for small steps</source>
   <translation>Pfeiltasten bewegen das Quadrat, Plus und Minus ändern die Größe; mit Umschalt in kleinen Schritten</translation>
  </message>
  <message>
   <source>Crop</source>
   <translation>Ausschnitt</translation>
  </message>
 </context>
 <context>
  <name>CropEditor</name>
  <message>
   <source>Around the face, found by itself</source>
   <translation>Um das Gesicht, von selbst gefunden</translation>
  </message>
  <message>
   <source>Automatic</source>
   <translation>Automatisch</translation>
  </message>
  <message>
   <source>Automatic crop</source>
   <translation>Automatischer Ausschnitt</translation>
  </message>
  <message>
   <source>Chosen by hand</source>
   <translation>Von Hand gewählt</translation>
  </message>
  <message>
   <source>Crop {name}</source>
   <translation>{name} zuschneiden</translation>
  </message>
  <message>
   <source>Drag the square or its corners; the wheel resizes it. Arrow keys, + and − do the same, with Shift in small steps. Leave room above the hair and show the shoulders.</source>
   <translation>Das Quadrat oder seine Ecken ziehen; das Rad ändert die Größe. Pfeiltasten, + und − tun dasselbe, mit Umschalt in kleinen Schritten. Über dem Haar Platz lassen und die Schultern zeigen.</translation>
  </message>
  <message>
   <source>No face was found in this picture</source>
   <translation>In diesem Bild wurde kein Gesicht gefunden</translation>
  </message>
  <message>
   <source>The square around the face, as it was found</source>
   <translation>Das Quadrat um das Gesicht, wie es gefunden wurde</translation>
  </message>
  <message>
   <source>What is animated</source>
   <translation>Was bewegt wird</translation>
  </message>
 </context>
 <context>
  <name>DepthView</name>
  <message>
   <source>Depth</source>
   <translation>Tiefe</translation>
  </message>
  <message>
   <source>Driver's depth</source>
   <translation>Tiefe des Vorbilds</translation>
  </message>
  <message>
   <source>How near each place is, in the driver and in the portrait: near is bright</source>
   <translation>Wie nah jede Stelle ist, im Vorbild und im Porträt: nah ist hell</translation>
  </message>
  <message>
   <source>Portrait's depth</source>
   <translation>Tiefe des Porträts</translation>
  </message>
  <message>
   <source>far</source>
   <translation>fern</translation>
  </message>
  <message>
   <source>near</source>
   <translation>nah</translation>
  </message>
 </context>
 <context>
  <name>DrivingView</name>
  <message>
   <source>Camera picture</source>
   <translation>Kamerabild</translation>
  </message>
  <message>
   <source>No face</source>
   <translation>Kein Gesicht</translation>
  </message>
  <message>
   <source>No picture yet</source>
   <translation>Noch kein Bild</translation>
  </message>
  <message>
   <source>What the camera sees, with the crop box and the keypoints; drag to move the box, turn the wheel to zoom</source>
   <translation>Was die Kamera sieht, mit Ausschnitt und Schlüsselpunkten; ziehen verschiebt den Ausschnitt, das Rad ändert die Größe</translation>
  </message>
 </context>
 <context>
  <name>DropVeil</name>
  <message>
   <source>Drop to add these pictures to your portraits</source>
   <translation>Loslassen, um diese Bilder zu den Porträts zu nehmen</translation>
  </message>
  <message>
   <source>Drop to drive the portrait with this video</source>
   <translation>Loslassen, um das Porträt mit diesem Video zu bewegen</translation>
  </message>
  <message>
   <source>Drop to use this picture as the portrait</source>
   <translation>Loslassen, um dieses Bild als Porträt zu nehmen</translation>
  </message>
  <message>
   <source>Save the picture first: nothing is downloaded</source>
   <translation>Erst das Bild speichern: Nichts wird heruntergeladen</translation>
  </message>
 </context>
 <context>
  <name>EngineButton</name>
  <message>
   <source>Auto</source>
   <translation>Automatisch</translation>
  </message>
  <message>
   <source>Builds {what} first, while the present engine goes on</source>
   <translation>Baut erst {what}, während das jetzige Rechenwerk weiterläuft</translation>
  </message>
  <message>
   <source>Cannot run here: {why}</source>
   <translation>Läuft hier nicht: {why}</translation>
  </message>
  <message>
   <source>Engine</source>
   <translation>Rechenwerk</translation>
  </message>
  <message>
   <source>Measured: {ms} ms a frame</source>
   <translation>Gemessen: {ms} ms je Bild</translation>
  </message>
  <message>
   <source>Rejected: </source>
   <translation>Abgelehnt: </translation>
  </message>
  <message>
   <source>The fastest engine that works on this machine</source>
   <translation>Das schnellste Rechenwerk, das auf diesem Rechner läuft</translation>
  </message>
  <message>
   <source>needs a build</source>
   <translation>muss gebaut werden</translation>
  </message>
  <message>
   <source>no engine</source>
   <translation>kein Rechenwerk</translation>
  </message>
  <message>
   <source>{ms} ms</source>
   <translation>{ms} ms</translation>
  </message>
 </context>
 <context>
  <name>FileDialogs</name>
  <message>
   <source>All files (*)</source>
   <translation>Alle Dateien (*)</translation>
  </message>
  <message>
   <source>Choose a portrait</source>
   <translation>Porträt wählen</translation>
  </message>
  <message>
   <source>Choose a slate</source>
   <translation>Tafel wählen</translation>
  </message>
  <message>
   <source>Choose a video</source>
   <translation>Video wählen</translation>
  </message>
  <message>
   <source>Choose portraits</source>
   <translation>Porträts wählen</translation>
  </message>
  <message>
   <source>Pictures</source>
   <translation>Bilder</translation>
  </message>
  <message>
   <source>Record to</source>
   <translation>Aufnehmen nach</translation>
  </message>
  <message>
   <source>Videos</source>
   <translation>Videos</translation>
  </message>
  <message>
   <source>Videos ({endings})</source>
   <translation>Videos ({endings})</translation>
  </message>
 </context>
 <context>
  <name>FlowView</name>
  <message>
   <source>Flow</source>
   <translation>Fluss</translation>
  </message>
  <message>
   <source>How far each place of the portrait moved, and what is hidden in it</source>
   <translation>Wie weit sich jede Stelle des Porträts bewegt hat und was darin verdeckt ist</translation>
  </message>
  <message>
   <source>Occlusion</source>
   <translation>Verdeckung</translation>
  </message>
  <message>
   <source>from the portrait</source>
   <translation>aus dem Porträt</translation>
  </message>
  <message>
   <source>made up</source>
   <translation>erfunden</translation>
  </message>
  <message>
   <source>rim: {percent} % of the width</source>
   <translation>Rand: {percent} % der Breite</translation>
  </message>
 </context>
 <context>
  <name>FramingKeys</name>
  <message>
   <source>Crop: as usual</source>
   <translation>Ausschnitt: wie üblich</translation>
  </message>
  <message>
   <source>Crop: closer</source>
   <translation>Ausschnitt: näher</translation>
  </message>
  <message>
   <source>Crop: down</source>
   <translation>Ausschnitt: nach unten</translation>
  </message>
  <message>
   <source>Crop: further away</source>
   <translation>Ausschnitt: weiter weg</translation>
  </message>
  <message>
   <source>Crop: to the left</source>
   <translation>Ausschnitt: nach links</translation>
  </message>
  <message>
   <source>Crop: to the right</source>
   <translation>Ausschnitt: nach rechts</translation>
  </message>
  <message>
   <source>Crop: up</source>
   <translation>Ausschnitt: nach oben</translation>
  </message>
  <message>
   <source>{what}, a little</source>
   <translation>{what}, ein wenig</translation>
  </message>
 </context>
 <context>
  <name>FramingPanel</name>
  <message>
   <source>Closer (W)</source>
   <translation>Näher (W)</translation>
  </message>
  <message>
   <source>Crop</source>
   <translation>Ausschnitt</translation>
  </message>
  <message>
   <source>Crop down (J)</source>
   <translation>Ausschnitt nach unten (J)</translation>
  </message>
  <message>
   <source>Crop to the left (H)</source>
   <translation>Ausschnitt nach links (H)</translation>
  </message>
  <message>
   <source>Crop to the right (K)</source>
   <translation>Ausschnitt nach rechts (K)</translation>
  </message>
  <message>
   <source>Crop up (U)</source>
   <translation>Ausschnitt nach oben (U)</translation>
  </message>
  <message>
   <source>Follow the face</source>
   <translation>Dem Gesicht folgen</translation>
  </message>
  <message>
   <source>Further away (S)</source>
   <translation>Weiter weg (S)</translation>
  </message>
  <message>
   <source>Or drag the picture above, and zoom with the wheel. Calibrate again after it.</source>
   <translation>Oder das Bild oben ziehen und mit dem Rad die Größe ändern. Danach neu kalibrieren.</translation>
  </message>
  <message>
   <source>Reset</source>
   <translation>Zurücksetzen</translation>
  </message>
  <message>
   <source>The crop goes with the face, slowly; off, it stays in the middle</source>
   <translation>Der Ausschnitt geht langsam mit dem Gesicht mit; sonst bleibt er in der Mitte</translation>
  </message>
  <message>
   <source>The usual margin around the face (Shift+Z)</source>
   <translation>Der übliche Rand um das Gesicht (Shift+Z)</translation>
  </message>
  <message>
   <source>Zoom and offset of the crop</source>
   <translation>Größe und Lage des Ausschnitts</translation>
  </message>
  <message>
   <source>{n} %</source>
   <translation>{n} %</translation>
  </message>
 </context>
 <context>
  <name>GainSlider</name>
  <message>
   <source>{percent} %</source>
   <translation>{percent} %</translation>
  </message>
 </context>
 <context>
  <name>Gallery</name>
  <message>
   <source>Add a portrait</source>
   <translation>Porträt hinzufügen</translation>
  </message>
  <message>
   <source>Add pictures (Ctrl+O); drop or paste them as well</source>
   <translation>Bilder hinzufügen (Ctrl+O); auch durch Ziehen oder Einfügen</translation>
  </message>
  <message>
   <source>Gallery</source>
   <translation>Galerie</translation>
  </message>
 </context>
 <context>
  <name>Guide</name>
  <message>
   <source>&amp;Back</source>
   <translation>&amp;Zurück</translation>
  </message>
  <message>
   <source>&amp;Next</source>
   <translation>&amp;Weiter</translation>
  </message>
  <message>
   <source>&amp;Previous portrait</source>
   <translation>&amp;Voriges Porträt</translation>
  </message>
  <message>
   <source>&amp;Video file…</source>
   <translation>Videoda&amp;tei…</translation>
  </message>
  <message>
   <source>A driver is installed. Press Start above first: nothing runs yet.</source>
   <translation>Ein Treiber ist installiert. Drücken Sie oben erst Start: Noch läuft nichts.</translation>
  </message>
  <message>
   <source>A driver is installed. Switched on, the result is a camera that Zoom, OBS and browsers can choose. Nothing is sent before.</source>
   <translation>Ein Treiber ist installiert. Eingeschaltet ist das Ergebnis eine Kamera, die Zoom, OBS und Browser wählen können. Vorher wird nichts gesendet.</translation>
  </message>
  <message>
   <source>Bundled driver</source>
   <translation>Mitgeliefertes Gesicht</translation>
  </message>
  <message>
   <source>Camera</source>
   <translation>Kamera</translation>
  </message>
  <message>
   <source>Choose a &amp;file…</source>
   <translation>&amp;Datei wählen…</translation>
  </message>
  <message>
   <source>Choose the camera that drives the portrait</source>
   <translation>Wählen Sie die Kamera, die das Porträt bewegt</translation>
  </message>
  <message>
   <source>Choose who you are</source>
   <translation>Wählen Sie, wer Sie sind</translation>
  </message>
  <message>
   <source>Done</source>
   <translation>Fertig</translation>
  </message>
  <message>
   <source>Finish the guide</source>
   <translation>Einführung abschließen</translation>
  </message>
  <message>
   <source>It is on. Choose the virtual camera in Zoom, OBS or your browser, as you choose a webcam there.</source>
   <translation>Sie ist an. Wählen Sie die virtuelle Kamera in Zoom, OBS oder im Browser, wie Sie dort eine Webcam wählen.</translation>
  </message>
  <message>
   <source>Leave the guide</source>
   <translation>Einführung verlassen</translation>
  </message>
  <message>
   <source>Leave the guide; the menu shows it again</source>
   <translation>Die Einführung verlassen; das Menü zeigt sie wieder</translation>
  </message>
  <message>
   <source>Loo&amp;k again</source>
   <translation>&amp;Erneut suchen</translation>
  </message>
  <message>
   <source>Look straight into it, as the portrait does, then press Calibrate above: the portrait follows your movements from there.</source>
   <translation>Schauen Sie gerade hinein wie das Porträt, dann drücken Sie oben Kalibrieren: Von da an folgt das Porträt Ihren Bewegungen.</translation>
  </message>
  <message>
   <source>Looking for a virtual camera driver…</source>
   <translation>Ein Treiber für virtuelle Kameras wird gesucht…</translation>
  </message>
  <message>
   <source>N&amp;ext portrait</source>
   <translation>&amp;Nächstes Porträt</translation>
  </message>
  <message>
   <source>Next step</source>
   <translation>Nächster Schritt</translation>
  </message>
  <message>
   <source>No camera was found. Plug one in and look again, or go on with a video or the bundled driver.</source>
   <translation>Keine Kamera gefunden. Stecken Sie eine an und suchen Sie noch einmal, oder nehmen Sie ein Video oder das mitgelieferte Gesicht.</translation>
  </message>
  <message>
   <source>Show it to other programs</source>
   <translation>Anderen Programmen zeigen</translation>
  </message>
  <message>
   <source>Step through the portraits, or take a picture of your own: a face from the front, in good light. You can also drop one onto the window.</source>
   <translation>Gehen Sie die Porträts durch, oder nehmen Sie ein eigenes Bild: ein Gesicht von vorn, in gutem Licht. Sie können auch eines auf das Fenster ziehen.</translation>
  </message>
  <message>
   <source>Step {n} of 3</source>
   <translation>Schritt {n} von 3</translation>
  </message>
  <message>
   <source>Switch it off</source>
   <translation>Ausschalten</translation>
  </message>
  <message>
   <source>Switch it on</source>
   <translation>Einschalten</translation>
  </message>
  <message>
   <source>Virtual camera</source>
   <translation>Virtuelle Kamera</translation>
  </message>
  <message>
   <source>You can skip this: the window and recordings work without it.</source>
   <translation>Sie können das auslassen: Fenster und Aufnahmen gehen auch ohne.</translation>
  </message>
 </context>
 <context>
  <name>HiddenBar</name>
  <message>
   <source>Hidden: outputs show the slate (B)</source>
   <translation>Verborgen: Ausgaben zeigen die Tafel (B)</translation>
  </message>
  <message>
   <source>RAW CAMERA: outputs show your own face (0)</source>
   <translation>ROHES KAMERABILD: Ausgaben zeigen Ihr eigenes Gesicht (0)</translation>
  </message>
  <message>
   <source>Show me again</source>
   <translation>Mich wieder zeigen</translation>
  </message>
  <message>
   <source>Stop my camera</source>
   <translation>Meine Kamera beenden</translation>
  </message>
 </context>
 <context>
  <name>HidePanel</name>
  <message>
   <source>Choose a picture as the slate</source>
   <translation>Ein Bild als Tafel wählen</translation>
  </message>
  <message>
   <source>Choose slate…</source>
   <translation>Tafel wählen…</translation>
  </message>
  <message>
   <source>Hide me</source>
   <translation>Mich verbergen</translation>
  </message>
  <message>
   <source>Privacy</source>
   <translation>Privatsphäre</translation>
  </message>
  <message>
   <source>Sends your own face instead of the portrait; asks first (0)</source>
   <translation>Sendet Ihr eigenes Gesicht statt des Porträts; fragt vorher (0)</translation>
  </message>
  <message>
   <source>Show me again</source>
   <translation>Mich wieder zeigen</translation>
  </message>
  <message>
   <source>Show my camera</source>
   <translation>Meine Kamera zeigen</translation>
  </message>
  <message>
   <source>Shows the slate in every output at once (B)</source>
   <translation>Zeigt sofort in jeder Ausgabe die Tafel (B)</translation>
  </message>
  <message>
   <source>Stop my camera</source>
   <translation>Meine Kamera beenden</translation>
  </message>
  <message>
   <source>The plain slate</source>
   <translation>Die schlichte Tafel</translation>
  </message>
  <message>
   <source>The slate</source>
   <translation>Die Tafel</translation>
  </message>
  <message>
   <source>Use plain slate</source>
   <translation>Schlichte Tafel</translation>
  </message>
  <message>
   <source>Use the plain slate</source>
   <translation>Die schlichte Tafel nehmen</translation>
  </message>
  <message>
   <source>Your camera is never sent unless you ask for it here.</source>
   <translation>Ihr Kamerabild wird nie gesendet, außer Sie verlangen es hier.</translation>
  </message>
 </context>
 <context>
  <name>KeyButton</name>
  <message>
   <source>Press a key…</source>
   <translation>Taste drücken…</translation>
  </message>
  <message>
   <source>no key</source>
   <translation>keine Taste</translation>
  </message>
  <message>
   <source>{what}: {keys}</source>
   <translation>{what}: {keys}</translation>
  </message>
 </context>
 <context>
  <name>KeyMap</name>
  <message>
   <source>&amp;Leave as it is</source>
   <translation>&amp;So lassen</translation>
  </message>
  <message>
   <source>&amp;Reset all</source>
   <translation>&amp;Alle zurücksetzen</translation>
  </message>
  <message>
   <source>&amp;Swap</source>
   <translation>&amp;Tauschen</translation>
  </message>
  <message>
   <source>Change keys</source>
   <translation>Tasten ändern</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Keys by action</source>
   <translation>Tasten nach Aktion</translation>
  </message>
  <message>
   <source>Press a button, then the new key. Backspace removes a key. Esc, Space and 1 to 9 always mean the same.</source>
   <translation>Einen Knopf drücken, dann die neue Taste. Die Rücktaste entfernt eine Taste. Esc, Leertaste und 1 bis 9 bedeuten immer dasselbe.</translation>
  </message>
  <message>
   <source>Reset the key of: {what}</source>
   <translation>Taste zurücksetzen: {what}</translation>
  </message>
  <message>
   <source>Reset to {keys}</source>
   <translation>Zurück auf {keys}</translation>
  </message>
  <message>
   <source>That key</source>
   <translation>Diese Taste</translation>
  </message>
  <message>
   <source>{key} has a fixed meaning. Choose another key.</source>
   <translation>{key} hat eine feste Bedeutung. Wählen Sie eine andere Taste.</translation>
  </message>
  <message>
   <source>{key} is the key for: {what}.</source>
   <translation>{key} ist die Taste für: {what}.</translation>
  </message>
 </context>
 <context>
  <name>KeypointsView</name>
  <message>
   <source>Driver: found</source>
   <translation>Vorbild: gefunden</translation>
  </message>
  <message>
   <source>Keypoints</source>
   <translation>Schlüsselpunkte</translation>
  </message>
  <message>
   <source>Result: rendered</source>
   <translation>Ergebnis: gezeichnet</translation>
  </message>
  <message>
   <source>The keypoints found in the driver, and where the result is rendered</source>
   <translation>Die im Vorbild gefundenen Schlüsselpunkte und wohin das Ergebnis gezeichnet wird</translation>
  </message>
 </context>
 <context>
  <name>Keys</name>
  <message>
   <source>Camera and framing</source>
   <translation>Kamera und Ausschnitt</translation>
  </message>
  <message>
   <source>Outputs</source>
   <translation>Ausgaben</translation>
  </message>
  <message>
   <source>Portrait</source>
   <translation>Porträt</translation>
  </message>
  <message>
   <source>Session</source>
   <translation>Sitzung</translation>
  </message>
  <message>
   <source>Views</source>
   <translation>Ansichten</translation>
  </message>
  <message>
   <source>Window</source>
   <translation>Fenster</translation>
  </message>
 </context>
 <context>
  <name>MainMenu</name>
  <message>
   <source>&amp;Delete…</source>
   <translation>&amp;Löschen…</translation>
  </message>
  <message>
   <source>&amp;Guide</source>
   <translation>Ein&amp;führung</translation>
  </message>
  <message>
   <source>&amp;Keys</source>
   <translation>&amp;Tasten</translation>
  </message>
  <message>
   <source>&amp;Profile</source>
   <translation>&amp;Profil</translation>
  </message>
  <message>
   <source>&amp;Rename…</source>
   <translation>&amp;Umbenennen…</translation>
  </message>
  <message>
   <source>&amp;Save as…</source>
   <translation>&amp;Speichern unter…</translation>
  </message>
  <message>
   <source>&amp;Settings…</source>
   <translation>&amp;Einstellungen…</translation>
  </message>
  <message>
   <source>Menu</source>
   <translation>Menü</translation>
  </message>
  <message>
   <source>None</source>
   <translation>Keines</translation>
  </message>
  <message>
   <source>Open the &amp;log folder</source>
   <translation>Pr&amp;otokollordner öffnen</translation>
  </message>
  <message>
   <source>Profiles, settings and help</source>
   <translation>Profile, Einstellungen und Hilfe</translation>
  </message>
 </context>
 <context>
  <name>MainWindow</name>
  <message>
   <source>Avatar</source>
   <translation>Avatar</translation>
  </message>
  <message>
   <source>Camera</source>
   <translation>Kamera</translation>
  </message>
  <message>
   <source>Loading networks…</source>
   <translation>Netze werden geladen…</translation>
  </message>
  <message>
   <source>Motion</source>
   <translation>Bewegung</translation>
  </message>
  <message>
   <source>Output</source>
   <translation>Ausgabe</translation>
  </message>
  <message>
   <source>Portrait</source>
   <translation>Porträt</translation>
  </message>
  <message>
   <source>Press Start, or the space bar, to bring it to life</source>
   <translation>Start oder die Leertaste drücken, um es zum Leben zu bringen</translation>
  </message>
  <message>
   <source>Stopped</source>
   <translation>Gestoppt</translation>
  </message>
  <message>
   <source>Stopping…</source>
   <translation>Wird gestoppt…</translation>
  </message>
  <message>
   <source>Waiting for the first picture…</source>
   <translation>Warten auf das erste Bild…</translation>
  </message>
 </context>
 <context>
  <name>MatchBar</name>
  <message>
   <source>Best so far: {score} of 100</source>
   <translation>Bisher am besten: {score} von 100</translation>
  </message>
  <message>
   <source>Calibrate</source>
   <translation>Kalibrieren</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Come into the camera's picture</source>
   <translation>Ins Bild der Kamera kommen</translation>
  </message>
  <message>
   <source>Find best</source>
   <translation>Beste suchen</translation>
  </message>
  <message>
   <source>Keep the neutral pose as it was (F)</source>
   <translation>Die neutrale Haltung lassen, wie sie war (F)</translation>
  </message>
  <message>
   <source>Look as the portrait does, then press (X): this is the neutral pose</source>
   <translation>Schauen wie das Porträt, dann drücken (X): Das ist die neutrale Haltung</translation>
  </message>
  <message>
   <source>Match with the portrait</source>
   <translation>Übereinstimmung mit dem Porträt</translation>
  </message>
  <message>
   <source>Move slowly through the portrait's pose for three seconds (F): the picture most like it becomes the neutral pose</source>
   <translation>Drei Sekunden lang langsam durch die Haltung des Porträts gehen (F): Das ähnlichste Bild wird zur neutralen Haltung</translation>
  </message>
  <message>
   <source>Neutral: taken {date}, for now</source>
   <translation>Neutral: vom {date}, vorläufig</translation>
  </message>
  <message>
   <source>Neutral: taken {date}, remembered</source>
   <translation>Neutral: vom {date}, gemerkt</translation>
  </message>
  <message>
   <source>Neutral: the first frontal face seen</source>
   <translation>Neutral: das erste Gesicht von vorn</translation>
  </message>
  <message>
   <source>No face</source>
   <translation>Kein Gesicht</translation>
  </message>
  <message>
   <source>No neutral pose yet</source>
   <translation>Noch keine neutrale Haltung</translation>
  </message>
  <message>
   <source>Not running</source>
   <translation>Läuft nicht</translation>
  </message>
  <message>
   <source>Remembered from {date}</source>
   <translation>Gemerkt vom {date}</translation>
  </message>
  <message>
   <source>Search for the best pose</source>
   <translation>Suche nach der besten Haltung</translation>
  </message>
 </context>
 <context>
  <name>MatchRing</name>
  <message>
   <source>Match with the portrait</source>
   <translation>Übereinstimmung mit dem Porträt</translation>
  </message>
  <message>
   <source>no face</source>
   <translation>kein Gesicht</translation>
  </message>
  <message>
   <source>{n} of 100</source>
   <translation>{n} von 100</translation>
  </message>
 </context>
 <context>
  <name>MatchWords</name>
  <message>
   <source>Calibrated: this is the neutral pose now</source>
   <translation>Kalibriert: Dies ist jetzt die neutrale Haltung</translation>
  </message>
  <message>
   <source>Calibrated: this is the neutral pose now (match {score} of 100)</source>
   <translation>Kalibriert: Dies ist jetzt die neutrale Haltung (Übereinstimmung {score} von 100)</translation>
  </message>
  <message>
   <source>Close your eyes a little</source>
   <translation>Die Augen etwas schließen</translation>
  </message>
  <message>
   <source>Close your mouth</source>
   <translation>Den Mund schließen</translation>
  </message>
  <message>
   <source>Come closer</source>
   <translation>Näher kommen</translation>
  </message>
  <message>
   <source>Fair match</source>
   <translation>Mäßige Übereinstimmung</translation>
  </message>
  <message>
   <source>Good match</source>
   <translation>Gute Übereinstimmung</translation>
  </message>
  <message>
   <source>Less light on your face</source>
   <translation>Weniger Licht auf das Gesicht</translation>
  </message>
  <message>
   <source>Lower your chin a little</source>
   <translation>Das Kinn etwas senken</translation>
  </message>
  <message>
   <source>More light from your left</source>
   <translation>Mehr Licht von links</translation>
  </message>
  <message>
   <source>More light from your right</source>
   <translation>Mehr Licht von rechts</translation>
  </message>
  <message>
   <source>More light on your face</source>
   <translation>Mehr Licht auf das Gesicht</translation>
  </message>
  <message>
   <source>Move back a little</source>
   <translation>Etwas zurückgehen</translation>
  </message>
  <message>
   <source>Neutral: best of {count} pictures, match {score} of 100</source>
   <translation>Neutral: bestes von {count} Bildern, Übereinstimmung {score} von 100</translation>
  </message>
  <message>
   <source>Open your eyes</source>
   <translation>Die Augen öffnen</translation>
  </message>
  <message>
   <source>Open your mouth a little</source>
   <translation>Den Mund etwas öffnen</translation>
  </message>
  <message>
   <source>Poor match</source>
   <translation>Schlechte Übereinstimmung</translation>
  </message>
  <message>
   <source>Press X to take this pose as neutral</source>
   <translation>X drücken: Diese Haltung wird die neutrale</translation>
  </message>
  <message>
   <source>Raise your chin a little</source>
   <translation>Das Kinn etwas heben</translation>
  </message>
  <message>
   <source>Softer light, less from one spot</source>
   <translation>Weicheres Licht, weniger aus einem Punkt</translation>
  </message>
  <message>
   <source>Tilt your head a little to your left</source>
   <translation>Den Kopf etwas nach links neigen</translation>
  </message>
  <message>
   <source>Tilt your head a little to your right</source>
   <translation>Den Kopf etwas nach rechts neigen</translation>
  </message>
  <message>
   <source>Turn a little to your left</source>
   <translation>Ein wenig nach links drehen</translation>
  </message>
  <message>
   <source>Turn a little to your right</source>
   <translation>Ein wenig nach rechts drehen</translation>
  </message>
  <message>
   <source>You look another way than when the neutral pose was taken</source>
   <translation>Sie schauen anders als bei der Aufnahme der neutralen Haltung</translation>
  </message>
  <message>
   <source>You sit elsewhere than when the neutral pose was taken</source>
   <translation>Sie sitzen anderswo als bei der Aufnahme der neutralen Haltung</translation>
  </message>
  <message>
   <source>You sit nearer or further than when the neutral pose was taken</source>
   <translation>Sie sitzen näher oder weiter weg als bei der Aufnahme der neutralen Haltung</translation>
  </message>
  <message>
   <source>{found}. {hint}, then F again</source>
   <translation>{found}. {hint}, dann noch einmal F</translation>
  </message>
 </context>
 <context>
  <name>MirrorPanel</name>
  <message>
   <source>Mirror</source>
   <translation>Spiegeln</translation>
  </message>
  <message>
   <source>Mirror output (T)</source>
   <translation>Ausgabe spiegeln (T)</translation>
  </message>
  <message>
   <source>Mirror preview (R)</source>
   <translation>Vorschau spiegeln (R)</translation>
  </message>
  <message>
   <source>Only this window is a mirror; others see you the right way round.</source>
   <translation>Nur dieses Fenster ist ein Spiegel; andere sehen Sie richtig herum.</translation>
  </message>
  <message>
   <source>The portrait moves like your mirror image, for everyone who sees it.</source>
   <translation>Das Porträt bewegt sich wie Ihr Spiegelbild, für alle, die es sehen.</translation>
  </message>
 </context>
 <context>
  <name>MotionPanel</name>
  <message>
   <source>Absolute</source>
   <translation>Absolut</translation>
  </message>
  <message>
   <source>Adapt scale</source>
   <translation>Größe angleichen</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Alles</translation>
  </message>
  <message>
   <source>Calm</source>
   <translation>Ruhig</translation>
  </message>
  <message>
   <source>Custom</source>
   <translation>Eigene</translation>
  </message>
  <message>
   <source>Expression</source>
   <translation>Mimik</translation>
  </message>
  <message>
   <source>Eyes</source>
   <translation>Augen</translation>
  </message>
  <message>
   <source>Head</source>
   <translation>Kopf</translation>
  </message>
  <message>
   <source>How much of what your face does beside the head's motion</source>
   <translation>Wie viel von dem, was Ihr Gesicht neben der Kopfbewegung tut</translation>
  </message>
  <message>
   <source>How much of your head's roll, distance and place the portrait takes; with this model, turns and nods go with the expression</source>
   <translation>Wie viel das Porträt von Neigung, Abstand und Ort Ihres Kopfes übernimmt; bei diesem Modell gehören Drehen und Nicken zur Mimik</translation>
  </message>
  <message>
   <source>How much of your head's turns, distance and place the portrait takes</source>
   <translation>Wie viel das Porträt von Drehung, Abstand und Ort Ihres Kopfes übernimmt</translation>
  </message>
  <message>
   <source>Limit the pose</source>
   <translation>Haltung begrenzen</translation>
  </message>
  <message>
   <source>Lively</source>
   <translation>Lebhaft</translation>
  </message>
  <message>
   <source>More or less for lips and chin</source>
   <translation>Mehr oder weniger für Lippen und Kinn</translation>
  </message>
  <message>
   <source>More or less for the eyelids</source>
   <translation>Mehr oder weniger für die Lider</translation>
  </message>
  <message>
   <source>Motion preset</source>
   <translation>Bewegungsvorlage</translation>
  </message>
  <message>
   <source>Mouth</source>
   <translation>Mund</translation>
  </message>
  <message>
   <source>Movement</source>
   <translation>Bewegung</translation>
  </message>
  <message>
   <source>Movements are taken relative to your calibrated pose; keeps the portrait's shape</source>
   <translation>Bewegungen zählen ab Ihrer kalibrierten Haltung; die Form des Porträts bleibt</translation>
  </message>
  <message>
   <source>Natural</source>
   <translation>Natürlich</translation>
  </message>
  <message>
   <source>Off</source>
   <translation>Aus</translation>
  </message>
  <message>
   <source>Relative</source>
   <translation>Relativ</translation>
  </message>
  <message>
   <source>Reset</source>
   <translation>Zurücksetzen</translation>
  </message>
  <message>
   <source>Reset {group}</source>
   <translation>{group} zurücksetzen</translation>
  </message>
  <message>
   <source>Scale of all movement</source>
   <translation>Maß aller Bewegung</translation>
  </message>
  <message>
   <source>Scale the movement by the sizes of the two faces</source>
   <translation>Die Bewegung nach den Größen der beiden Gesichter skalieren</translation>
  </message>
  <message>
   <source>Sets everything below but relative, absolute and scale</source>
   <translation>Setzt alles unten außer relativ, absolut und Größe</translation>
  </message>
  <message>
   <source>Smoothing</source>
   <translation>Glättung</translation>
  </message>
  <message>
   <source>Steadies the keypoints; off follows fast moves closest</source>
   <translation>Beruhigt die Schlüsselpunkte; aus folgt schnellen Bewegungen am engsten</translation>
  </message>
  <message>
   <source>Steady, for a broadcast</source>
   <translation>Still, für Sendungen</translation>
  </message>
  <message>
   <source>Stops softly before a turn or a shift would tear the portrait</source>
   <translation>Hält weich an, bevor eine Drehung oder Verschiebung das Porträt zerreißt</translation>
  </message>
  <message>
   <source>Strength</source>
   <translation>Stärke</translation>
  </message>
  <message>
   <source>The usual values of this group; a double click on a slider resets it alone</source>
   <translation>Die üblichen Werte dieser Gruppe; ein Doppelklick auf einen Regler setzt nur diesen zurück</translation>
  </message>
  <message>
   <source>This model found its keypoints by itself: which are eyes and mouth is unknown</source>
   <translation>Dieses Modell fand seine Schlüsselpunkte selbst: Welche Augen und Mund sind, ist unbekannt</translation>
  </message>
  <message>
   <source>Your keypoints are used as they are; the portrait takes on your proportions</source>
   <translation>Ihre Schlüsselpunkte gelten, wie sie sind; das Porträt nimmt Ihre Proportionen an</translation>
  </message>
 </context>
 <context>
  <name>PortraitPanel</name>
  <message>
   <source>Add no more portraits</source>
   <translation>Keine weiteren Porträts hinzufügen</translation>
  </message>
  <message>
   <source>Adding portraits</source>
   <translation>Porträts werden hinzugefügt</translation>
  </message>
  <message>
   <source>Adding {done} of {count}</source>
   <translation>{done} von {count} wird hinzugefügt</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Choose by hand what of the picture is animated</source>
   <translation>Von Hand wählen, was vom Bild bewegt wird</translation>
  </message>
  <message>
   <source>Crop the portrait</source>
   <translation>Porträt zuschneiden</translation>
  </message>
  <message>
   <source>Crop…</source>
   <translation>Zuschneiden…</translation>
  </message>
  <message>
   <source>Drop or paste a picture anywhere</source>
   <translation>Ein Bild irgendwohin ziehen oder einfügen</translation>
  </message>
  <message>
   <source>Open pictures with a face (Ctrl+O)</source>
   <translation>Bilder mit einem Gesicht öffnen (Ctrl+O)</translation>
  </message>
  <message>
   <source>Open portraits</source>
   <translation>Porträts öffnen</translation>
  </message>
  <message>
   <source>Open…</source>
   <translation>Öffnen…</translation>
  </message>
  <message>
   <source>Portrait</source>
   <translation>Porträt</translation>
  </message>
 </context>
 <context>
  <name>Portraits</name>
  <message>
   <source>Use a picture in which the face is seen from the front, or take a drawing or an animal as it is.</source>
   <translation>Nehmen Sie ein Bild, auf dem das Gesicht von vorn zu sehen ist, oder eine Zeichnung oder ein Tier, wie es ist.</translation>
  </message>
  <message>
   <source>Use it anyway</source>
   <translation>Trotzdem verwenden</translation>
  </message>
 </context>
 <context>
  <name>Preferences</name>
  <message>
   <source>&amp;Name of the profile</source>
   <translation>&amp;Name des Profils</translation>
  </message>
  <message>
   <source>&amp;New name</source>
   <translation>&amp;Neuer Name</translation>
  </message>
  <message>
   <source>Avatar</source>
   <translation>Avatar</translation>
  </message>
  <message>
   <source>Delete the profile</source>
   <translation>Profil löschen</translation>
  </message>
  <message>
   <source>Guide</source>
   <translation>Einführung</translation>
  </message>
  <message>
   <source>Menu</source>
   <translation>Menü</translation>
  </message>
  <message>
   <source>Rename the profile</source>
   <translation>Profil umbenennen</translation>
  </message>
  <message>
   <source>Save as a profile</source>
   <translation>Als Profil speichern</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>The profile {name} is deleted for good.</source>
   <translation>Das Profil {name} wird endgültig gelöscht.</translation>
  </message>
 </context>
 <context>
  <name>Problem</name>
  <message>
   <source>Please report it with the newest log: Menu, Open the log folder.</source>
   <translation>Bitte melden Sie es mit dem neuesten Protokoll: Menü, Protokollordner öffnen.</translation>
  </message>
  <message>
   <source>Something unexpected happened: {kind}: {text}</source>
   <translation>Etwas Unerwartetes ist geschehen: {kind}: {text}</translation>
  </message>
 </context>
 <context>
  <name>RecordingPanel</name>
  <message>
   <source>Change folder…</source>
   <translation>Ordner ändern…</translation>
  </message>
  <message>
   <source>Change the folder of recordings</source>
   <translation>Ordner der Aufnahmen ändern</translation>
  </message>
  <message>
   <source>Folder of recordings</source>
   <translation>Ordner der Aufnahmen</translation>
  </message>
  <message>
   <source>Not recording</source>
   <translation>Keine Aufnahme</translation>
  </message>
  <message>
   <source>Open folder</source>
   <translation>Ordner öffnen</translation>
  </message>
  <message>
   <source>Open the folder of recordings</source>
   <translation>Ordner der Aufnahmen öffnen</translation>
  </message>
  <message>
   <source>Record</source>
   <translation>Aufnehmen</translation>
  </message>
  <message>
   <source>Recording</source>
   <translation>Aufnahme</translation>
  </message>
  <message>
   <source>Save the result as a picture in the Pictures folder (F12)</source>
   <translation>Das Ergebnis als Bild im Bilder-Ordner speichern (F12)</translation>
  </message>
  <message>
   <source>Snapshot</source>
   <translation>Foto</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>Stopp</translation>
  </message>
  <message>
   <source>Stop recording</source>
   <translation>Aufnahme beenden</translation>
  </message>
  <message>
   <source>little space left</source>
   <translation>wenig Platz übrig</translation>
  </message>
  <message>
   <source>{action} (F5)</source>
   <translation>{action} (F5)</translation>
  </message>
  <message>
   <source>{size} free</source>
   <translation>{size} frei</translation>
  </message>
 </context>
 <context>
  <name>RenameRow</name>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>New name of the portrait</source>
   <translation>Neuer Name des Porträts</translation>
  </message>
  <message>
   <source>Rename</source>
   <translation>Umbenennen</translation>
  </message>
  <message>
   <source>Rename the portrait</source>
   <translation>Porträt umbenennen</translation>
  </message>
 </context>
 <context>
  <name>RestPanel</name>
  <message>
   <source> s</source>
   <translation> s</translation>
  </message>
  <message>
   <source>After</source>
   <translation>Nach</translation>
  </message>
  <message>
   <source>Ease to the neutral pose</source>
   <translation>Sanft zur neutralen Haltung</translation>
  </message>
  <message>
   <source>Hold the last pose</source>
   <translation>Letzte Haltung behalten</translation>
  </message>
  <message>
   <source>Seconds until the rest state</source>
   <translation>Sekunden bis zum Ruhezustand</translation>
  </message>
  <message>
   <source>Show the slate</source>
   <translation>Die Tafel zeigen</translation>
  </message>
  <message>
   <source>The same happens when the camera is lost.</source>
   <translation>Das geschieht auch, wenn die Kamera verschwindet.</translation>
  </message>
  <message>
   <source>When your face is gone</source>
   <translation>Wenn Ihr Gesicht fehlt</translation>
  </message>
 </context>
 <context>
  <name>ResultOnly</name>
  <message>
   <source>Result</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>The animated portrait alone</source>
   <translation>Nur das bewegte Porträt</translation>
  </message>
 </context>
 <context>
  <name>ResultView</name>
  <message>
   <source>Loading</source>
   <translation>Laden</translation>
  </message>
  <message>
   <source>Result</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>The portrait, moving like the face in the camera</source>
   <translation>Das Porträt, bewegt wie das Gesicht vor der Kamera</translation>
  </message>
 </context>
 <context>
  <name>Safety</name>
  <message>
   <source>Face lost: holding the last pose</source>
   <translation>Gesicht verloren: letzte Haltung bleibt</translation>
  </message>
  <message>
   <source>Face lost: neutral pose</source>
   <translation>Gesicht verloren: neutrale Haltung</translation>
  </message>
  <message>
   <source>Face lost: outputs show the slate</source>
   <translation>Gesicht verloren: Ausgaben zeigen die Tafel</translation>
  </message>
  <message>
   <source>Hidden: press B first</source>
   <translation>Verborgen: Erst B drücken</translation>
  </message>
  <message>
   <source>Start first: there is no camera picture yet</source>
   <translation>Erst starten: Noch gibt es kein Kamerabild</translation>
  </message>
 </context>
 <context>
  <name>SettingsDialog</name>
  <message>
   <source>&amp;Colours</source>
   <translation>&amp;Farben</translation>
  </message>
  <message>
   <source>&amp;Language</source>
   <translation>&amp;Sprache</translation>
  </message>
  <message>
   <source>&amp;Open the settings folder</source>
   <translation>Einstellungsordner &amp;öffnen</translation>
  </message>
  <message>
   <source>&amp;Reset everything…</source>
   <translation>&amp;Alles zurücksetzen…</translation>
  </message>
  <message>
   <source>As the system</source>
   <translation>Wie das System</translation>
  </message>
  <message>
   <source>At the start</source>
   <translation>Beim Start</translation>
  </message>
  <message>
   <source>Back to the usual folder</source>
   <translation>Zurück zum üblichen Ordner</translation>
  </message>
  <message>
   <source>Back to the usual folder: {what}</source>
   <translation>Zurück zum üblichen Ordner: {what}</translation>
  </message>
  <message>
   <source>Change &amp;keys…</source>
   <translation>&amp;Tasten ändern…</translation>
  </message>
  <message>
   <source>Choose the folder: {what}</source>
   <translation>Ordner wählen: {what}</translation>
  </message>
  <message>
   <source>Choose…</source>
   <translation>Wählen…</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Dark</source>
   <translation>Dunkel</translation>
  </message>
  <message>
   <source>Every setting goes back to what it was at first, keys included. Profiles, portraits and weights stay.</source>
   <translation>Jede Einstellung wird wieder, wie sie anfangs war, auch die Tasten. Profile, Porträts und Gewichte bleiben.</translation>
  </message>
  <message>
   <source>Light</source>
   <translation>Hell</translation>
  </message>
  <message>
   <source>Recordings</source>
   <translation>Aufnahmen</translation>
  </message>
  <message>
   <source>Reset everything</source>
   <translation>Alles zurücksetzen</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>Snapshots</source>
   <translation>Fotos</translation>
  </message>
  <message>
   <source>Start the camera with the window</source>
   <translation>Kamera mit dem Fenster starten</translation>
  </message>
 </context>
 <context>
  <name>ShortcutSheet</name>
  <message>
   <source>&amp;Change keys…</source>
   <translation>Tasten &amp;ändern…</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <translation>Tasten</translation>
  </message>
  <message>
   <source>Show the &amp;guide</source>
   <translation>Ein&amp;führung zeigen</translation>
  </message>
 </context>
 <context>
  <name>SideBySide</name>
  <message>
   <source>Driver</source>
   <translation>Vorbild</translation>
  </message>
  <message>
   <source>Result</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>Side by side</source>
   <translation>Nebeneinander</translation>
  </message>
  <message>
   <source>What the networks see of the driver, beside the result</source>
   <translation>Was die Netze vom Vorbild sehen, neben dem Ergebnis</translation>
  </message>
 </context>
 <context>
  <name>SourceList</name>
  <message>
   <source>Bundled driver</source>
   <translation>Mitgeliefertes Gesicht</translation>
  </message>
  <message>
   <source>Camera</source>
   <translation>Kamera</translation>
  </message>
  <message>
   <source>Camera {n}</source>
   <translation>Kamera {n}</translation>
  </message>
  <message>
   <source>Cannot be opened</source>
   <translation>Lässt sich nicht öffnen</translation>
  </message>
  <message>
   <source>Gives no picture</source>
   <translation>Gibt kein Bild</translation>
  </message>
  <message>
   <source>In use</source>
   <translation>In Gebrauch</translation>
  </message>
  <message>
   <source>In use by another program</source>
   <translation>Von einem anderen Programm belegt</translation>
  </message>
  <message>
   <source>Let a video or a picture drive the portrait</source>
   <translation>Ein Video oder Bild das Porträt bewegen lassen</translation>
  </message>
  <message>
   <source>Look for cameras again</source>
   <translation>Noch einmal nach Kameras suchen</translation>
  </message>
  <message>
   <source>Looking…</source>
   <translation>Suche läuft…</translation>
  </message>
  <message>
   <source>Lost; waiting for it to come back</source>
   <translation>Verschwunden; es wird auf sie gewartet</translation>
  </message>
  <message>
   <source>Needs no camera</source>
   <translation>Braucht keine Kamera</translation>
  </message>
  <message>
   <source>No camera was found.</source>
   <translation>Keine Kamera gefunden.</translation>
  </message>
  <message>
   <source>Not allowed</source>
   <translation>Nicht erlaubt</translation>
  </message>
  <message>
   <source>Not connected</source>
   <translation>Nicht angeschlossen</translation>
  </message>
  <message>
   <source>Open a video…</source>
   <translation>Video öffnen…</translation>
  </message>
  <message>
   <source>Show pictures</source>
   <translation>Bilder zeigen</translation>
  </message>
  <message>
   <source>Switches each camera on for a moment to take a picture of what it sees</source>
   <translation>Schaltet jede Kamera kurz ein, um ein Bild von dem zu nehmen, was sie sieht</translation>
  </message>
  <message>
   <source>Up to {w} × {h}</source>
   <translation>Bis {w} × {h}</translation>
  </message>
  <message>
   <source>Virtual camera</source>
   <translation>Virtuelle Kamera</translation>
  </message>
 </context>
 <context>
  <name>Sources</name>
  <message>
   <source>Choose another</source>
   <translation>Andere wählen</translation>
  </message>
  <message>
   <source>Open the settings</source>
   <translation>Einstellungen öffnen</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Noch einmal</translation>
  </message>
 </context>
 <context>
  <name>StatusBar</name>
  <message>
   <source>Distinct animated pictures a second</source>
   <translation>Verschiedene bewegte Bilder je Sekunde</translation>
  </message>
  <message>
   <source>Pictures replaced by newer ones before they were used</source>
   <translation>Bilder, die vor ihrer Verwendung durch neuere ersetzt wurden</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Time from the camera to this window: half of the pictures are faster than the first figure, 95 of 100 faster than the second</source>
   <translation>Zeit von der Kamera bis zu diesem Fenster: Die Hälfte der Bilder ist schneller als die erste Zahl, 95 von 100 schneller als die zweite</translation>
  </message>
  <message>
   <source>age {p50} / {p95} ms</source>
   <translation>Alter {p50} / {p95} ms</translation>
  </message>
  <message>
   <source>{n} dropped</source>
   <translation>{n} verworfen</translation>
  </message>
  <message>
   <source>{n} fps</source>
   <translation>{n} B/s</translation>
  </message>
  <message>
   <source>{n} skipped: engine slower than camera</source>
   <translation>{n} übersprungen: Rechenwerk langsamer als die Kamera</translation>
  </message>
 </context>
 <context>
  <name>Telltale</name>
  <message>
   <source>Hidden</source>
   <translation>Verborgen</translation>
  </message>
  <message>
   <source>Loading…</source>
   <translation>Wird geladen…</translation>
  </message>
  <message>
   <source>RAW CAMERA</source>
   <translation>ROHES KAMERABILD</translation>
  </message>
  <message>
   <source>Recording to {path}</source>
   <translation>Aufnahme nach {path}</translation>
  </message>
  <message>
   <source>Recording {time}</source>
   <translation>Aufnahme {time}</translation>
  </message>
  <message>
   <source>Running</source>
   <translation>Läuft</translation>
  </message>
  <message>
   <source>Stop recording</source>
   <translation>Aufnahme beenden</translation>
  </message>
  <message>
   <source>Stopped</source>
   <translation>Gestoppt</translation>
  </message>
  <message>
   <source>Stopping…</source>
   <translation>Wird gestoppt…</translation>
  </message>
  <message>
   <source>Virtual camera</source>
   <translation>Virtuelle Kamera</translation>
  </message>
 </context>
 <context>
  <name>Thumb</name>
  <message>
   <source>Crop…</source>
   <translation>Zuschneiden…</translation>
  </message>
  <message>
   <source>Del</source>
   <translation>Entf</translation>
  </message>
  <message>
   <source>Enter</source>
   <translation>Eingabe</translation>
  </message>
  <message>
   <source>Portrait {name}</source>
   <translation>Porträt {name}</translation>
  </message>
  <message>
   <source>Read it again</source>
   <translation>Neu einlesen</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
  <message>
   <source>Rename…</source>
   <translation>Umbenennen…</translation>
  </message>
  <message>
   <source>Use</source>
   <translation>Verwenden</translation>
  </message>
  <message>
   <source>{name} ({number})</source>
   <translation>{name} ({number})</translation>
  </message>
 </context>
 <context>
  <name>View</name>
  <message>
   <source>Making the maps… The first take a few seconds.</source>
   <translation>Die Karten entstehen… Die ersten brauchen ein paar Sekunden.</translation>
  </message>
 </context>
 <context>
  <name>ViewBar</name>
  <message>
   <source>Axes</source>
   <translation>Achsen</translation>
  </message>
  <message>
   <source>Cannot be shown: {why}</source>
   <translation>Lässt sich nicht zeigen: {why}</translation>
  </message>
  <message>
   <source>Driver off</source>
   <translation>Vorbild aus</translation>
  </message>
  <message>
   <source>Driver over the result</source>
   <translation>Vorbild über dem Ergebnis</translation>
  </message>
  <message>
   <source>Driver {n} %</source>
   <translation>Vorbild {n} %</translation>
  </message>
  <message>
   <source>Frame age by stage</source>
   <translation>Bildalter nach Stufen</translation>
  </message>
  <message>
   <source>Lay the driver over the result (Z less, C more)</source>
   <translation>Das Vorbild über das Ergebnis legen (Z weniger, C mehr)</translation>
  </message>
  <message>
   <source>Show how keypoints are turned</source>
   <translation>Zeigen, wie Schlüsselpunkte gedreht sind</translation>
  </message>
  <message>
   <source>Show where the time between camera and screen goes (I)</source>
   <translation>Zeigen, wo die Zeit zwischen Kamera und Bildschirm bleibt (I)</translation>
  </message>
  <message>
   <source>Views of the result</source>
   <translation>Ansichten des Ergebnisses</translation>
  </message>
 </context>
 <context>
  <name>ask</name>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>OK</source>
   <translation>OK</translation>
  </message>
 </context>
</TS>
