"""What the functions of Node, Deno and Bun do, in the notation of `knowledge.py`."""

from typing import Final

from security_hooks.shell.inline.javascript import parse
from security_hooks.shell.inline.knowledge import read_table
from security_hooks.shell.inline.language import Language

_TABLE = """
require import module.createRequire process.binding : > module
# files
fs.readFile fs.createReadStream fs.read Deno.readTextFile Deno.readFile fs-extra.readJson : read(0)
Bun.file : read(0) > blob
fs.writeFile fs.appendFile fs.outputFile Deno.writeTextFile Deno.writeFile Bun.write fs-extra.outputFile : write(0; 1)
fs.createWriteStream : write(0) > stream
stream.write stream.end fs.WriteStream.write : into(0)
fs.open Deno.open : open(0; 1) > stream
fs.unlink fs.rmdir Deno.remove rimraf rimraf.sync rimraf.rimraf fs.remove fs.rm fs-extra.remove fs.emptyDir del : \
    delete(0)
fs.rename Deno.rename fs.move : move(0) write(1)
fs.copyFile fs.cp fs.copy Deno.copyFile fs.link fs.symlink : read(0) write(1)
fs.chmod fs.chown fs.lchmod fs.lchown Deno.chmod Deno.chown : mode(0)
fs.mkdir fs.truncate fs.mkdtemp Deno.mkdir Deno.create fs.utimes : write(0)
fs.readdir fs.opendir Deno.readDir : names(0)
fs.exists fs.stat fs.lstat fs.access fs.realpath Deno.stat :
path.join path.resolve path.normalize : > =join_all
path.basename : > =basename
path.dirname : > =dirname
@__dirname @__filename @import.meta.dir : > =here
process.cwd Deno.cwd : > =here
process.chdir Deno.chdir : chdir(0)
os.homedir : home()
os.tmpdir : > =temporary
@path.sep : > =slash
@process.execPath @process.argv0 : > =node
# processes
child_process.exec : shell(0) > child
child_process.spawn child_process.execFile child_process.fork execa execa.execa execa.sync cross-spawn \
    cross-spawn.sync Bun.spawn : argv(0; 1) > child(0)
execa.command execa.execaCommand shelljs.exec zx.$ Bun.$ $ : shell(0)
Deno.Command : argv(0; args) > child
Deno.run : argv(cmd)
child.stdin.write child.stdin.end : feed(0)
process.kill Deno.kill : signal(0)
process.exit process.on :
# the network
fetch axios.get axios.head axios.delete got got.get superagent.get needle.get undici.fetch globalThis.fetch \
    node-fetch node-fetch.default : connect(0) method(method) send(body data json params)
axios axios.request undici.request request : connect(0 url) method(method) send(body data json form) > stream
axios.post axios.put axios.patch got.post got.put superagent.post needle.post request.post : connect(0) send(1 \
    body data json)
http.get https.get : connect(0) > stream
http.request https.request : connect(0) method(method) > stream
net.connect net.createConnection tls.connect : connect(1 0) > socket
net.Socket : later() > socket
socket.connect : reach(1 0)
socket.write socket.end socket.pipe stream.pipe ?.pipe : into(0) pour(self; 0) > self
dgram.createSocket : later() > datagrams
datagrams.send : reach(4 2) into(0)
dns.lookup dns.resolve dns.resolve4 dns.resolveTxt : connect(0)
WebSocket ws.WebSocket XMLHttpRequest Deno.connect : connect(0) > socket
socket.send : into(0)
navigator.sendBeacon : connect(0) send(1)
# code
eval vm.runInThisContext vm.runInNewContext vm.runInContext globalThis.eval : code(0)
vm.Script : code(0)
setTimeout setInterval setImmediate process.nextTick : code(0)
Function : function()
# the environment
Deno.env.get : env(0)
Deno.env.set : setenv(0; 1)
Deno.env.toObject :
# streams
console.log console.error console.warn console.info console.dir process.stdout.write : out()
process.stdin.on process.stdin.read : stdin()
@process.stdin : stdin()
# texts
atob : > =base64(0)
Buffer.from : > =codec(0; 1)
str.toString list.toString blob.text blob.json str.valueOf : > =to_text
String.fromCharCode String.fromCodePoint : > =chr
str.charCodeAt str.codePointAt : > =ord
str.concat list.concat : > =concat
list.join : > =glue
str.toLowerCase : > =lower
list.reverse : > =reversed
str.trim str.normalize String encodeURI encodeURIComponent Array.from : > =same
decodeURIComponent decodeURI unescape : > =unquote
parseInt Number : > =number
Object.entries : > =pairs
Object.values : > =values
Object.keys : > =list(0)
list.forEach list.map list.flatMap list.filter : map(0; self)
Promise.all Promise.resolve : > =first
JSON.parse JSON.stringify Object.assign Math.max Math.min Math.floor Math.round Number.isInteger Symbol RegExp \
    Date Map Set :
?.then ?.finally : give(0)
Reflect.get : attribute(0; 1)
Reflect.apply : apply(0; 2)
# databases
?.query ?.execute ?.exec ?.run : sql(0)
"""

JAVASCRIPT: Final = Language(
    "javascript",
    parse,
    read_table(_TABLE),
    {
        "node:fs": "fs",
        "fs.promises": "fs",
        "fs/promises": "fs",
        "node:fs/promises": "fs",
        "fs-extra": "fs",
        "graceful-fs": "fs",
        "node:child_process": "child_process",
        "node:http": "http",
        "node:https": "https",
        "node:net": "net",
        "node:tls": "tls",
        "node:dgram": "dgram",
        "node:dns": "dns",
        "node:os": "os",
        "node:path": "path",
        "path.posix": "path",
        "node:vm": "vm",
        "node:process": "process",
        "http2": "http",
        "globalThis": "",
        "global": "",
        "window": "",
        "self": "",
        "process.mainModule.require": "require",
        "module.require": "require",
        "module.constructor._load": "require",
        "require.main.require": "require",
        "Bun.env": "process.env",
        "import.meta.env": "process.env",
        "child_process.default": "child_process",
        "fs.default": "fs",
    },
    frozenset(("process.env",)),
    suffixes=("Sync",),
    passing=frozenset(("then", "finally")),
)
