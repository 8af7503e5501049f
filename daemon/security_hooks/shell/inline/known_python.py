"""What the functions of Python and of its usual libraries do, in the notation of `knowledge.py`."""

from typing import Final

from security_hooks.shell.inline.knowledge import read_table
from security_hooks.shell.inline.language import Language
from security_hooks.shell.inline.python import parse

_TABLE = """
# files
open io.open codecs.open gzip.open bz2.open lzma.open tokenize.open io.FileIO fileinput.input : open(0 file \
    filename; 1 mode) > file
os.fdopen : > file(0)
os.open : read(0 path) write(0 path) > file
file.write file.writelines file.send : into(0)
os.write : pour(1; 0)
os.remove os.unlink os.rmdir os.removedirs : delete(0 path)
shutil.rmtree : delete*(0 path)
shutil.copy shutil.copy2 shutil.copyfile shutil.copytree os.link os.symlink : read(0 src) write(1 dst)
shutil.copyfileobj : pour(0; 1)
shutil.move os.rename os.replace os.renames : move(0 src) write(1 dst)
os.chmod os.lchmod os.chown os.lchown shutil.chown shutil.copymode : mode(0 path)
os.truncate os.mknod os.mkfifo os.mkdir os.makedirs : write(0 path name)
os.listdir os.scandir : names(0 path) > =entries(0 path)
os.walk os.fwalk : names(0 top) > =walk(0 top)
glob.glob glob.iglob : > =globs(0 pathname)
os.stat os.lstat os.access os.path.exists os.path.isfile os.path.isdir os.path.getsize os.path.islink \
    os.path.getmtime :
os.path.join os.path.normpath posixpath.join : > =join_paths
os.path.expanduser : home(0 path)
os.path.expandvars os.path.abspath os.path.realpath os.fspath os.fsdecode os.fsencode os.path.normcase : > =first
os.path.basename : > =basename
os.path.dirname : > =dirname
os.getcwd : > =here
@os.sep @os.path.sep : > =slash
@os.curdir @__file__ : > =here
@sys.executable : > =python
os.chdir contextlib.chdir : chdir(0 path)
os.chroot : chdir(0 path)
os.readlink : names(0 path)
filecmp.cmp : read(0) read(1)
linecache.getline linecache.getlines : read(0)
tempfile.mkdtemp tempfile.mktemp tempfile.gettempdir : > =temporary
tempfile.TemporaryDirectory : > =temporary
tempfile.NamedTemporaryFile tempfile.TemporaryFile tempfile.mkstemp : > file(0)
mmap.mmap :
# pathlib
pathlib.Path pathlib.PosixPath pathlib.PurePath pathlib.PurePosixPath : > &pathlib.Path(=join_paths)
pathlib.Path.home : home() > &pathlib.Path(result)
pathlib.Path.cwd : > &pathlib.Path(=here)
pathlib.Path.read_text pathlib.Path.read_bytes : read(self)
pathlib.Path.write_text pathlib.Path.write_bytes : write(self; 0 data)
pathlib.Path.open : open(self; 0 mode) > file
pathlib.Path.unlink pathlib.Path.rmdir : delete(self)
pathlib.Path.rename pathlib.Path.replace : move(self) write(0 target) > &pathlib.Path(0 target)
pathlib.Path.chmod pathlib.Path.lchmod : mode(self)
pathlib.Path.touch pathlib.Path.mkdir pathlib.Path.symlink_to pathlib.Path.hardlink_to : write(self)
pathlib.Path.iterdir : names(self) > &pathlib.Path(=entries)
pathlib.Path.glob pathlib.Path.rglob : > &pathlib.Path(=glob)
pathlib.Path./ pathlib.Path.joinpath : > &pathlib.Path(=join_paths)
pathlib.Path.expanduser : home(self) > &pathlib.Path(result)
pathlib.Path.resolve pathlib.Path.absolute : > self
@pathlib.Path.parent : > &pathlib.Path(=dirname)
@pathlib.Path.name : > =basename(self)
pathlib.Path.exists pathlib.Path.is_file pathlib.Path.is_dir pathlib.Path.stat pathlib.Path.as_posix :
?.unlink ?.rmdir : delete(self)
?.write_text ?.write_bytes : write(self; 0)
?.read_text ?.read_bytes : read(self)
# archives
zipfile.ZipFile tarfile.open tarfile.TarFile : open(0 file name; 1 mode) > archive
archive.write archive.add : read*(0 name filename) into(0)
archive.extractall archive.extract : write*(0 path)
shutil.make_archive : read*(2 root_dir) write(0 base_name)
shutil.unpack_archive : read(0 filename) write*(1 extract_dir)
# processes
os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands.getoutput popen2.popen2 : shell(0 cmd \
    command)
platform.popen asyncio.create_subprocess_shell asyncio.subprocess.create_subprocess_shell : shell(0 cmd)
subprocess.run subprocess.call subprocess.check_call subprocess.check_output : argv(0 args)
subprocess.Popen : argv(0 args) > subprocess.Popen(0 args)
subprocess.Popen.communicate : feed(0 input)
subprocess.Popen.stdin.write subprocess.Popen.stdin.writelines : feed(0)
asyncio.create_subprocess_exec : argv(*)
os.execv os.execve os.execvp os.execvpe os.posix_spawn os.posix_spawnp : exec(0 path file; 1 args argv)
os.execl os.execle os.execlp os.execlpe : exec(0; 1+)
os.spawnv os.spawnve os.spawnvp os.spawnvpe : exec(1 file path; 2 args)
os.spawnl os.spawnle os.spawnlp os.spawnlpe : exec(1; 2+)
pty.spawn : argv(0 argv)
pexpect.spawn pexpect.run pexpect.spawnu : shell(0 command)
sh.sudo sh.bash sh.sh : shell(0)
os.startfile webbrowser.open webbrowser.open_new webbrowser.open_new_tab : connect(0 url path)
os.kill os.killpg signal.pthread_kill psutil.Process : signal(0 pid)
psutil.Process.kill psutil.Process.terminate psutil.Process.suspend :
os.dup2 : wire(0; 1)
os.fork os.setsid os._exit sys.exit exit quit os.wait os.waitpid os.getpid time.sleep :
ctypes.CDLL ctypes.PyDLL ctypes.cdll.LoadLibrary : library(0 name) > ctypes.CDLL
ctypes.CDLL.system ctypes.CDLL.popen : shell(0)
ctypes.CDLL.execve ctypes.CDLL.execv ctypes.CDLL.execvp ctypes.CDLL.execl : exec(0; 1)
ctypes.CDLL.unlink ctypes.CDLL.remove ctypes.CDLL.rmdir : delete(0)
# the network
socket.create_connection : connect(0 address) > socket
socket.socket : later() > socket
socket.connect socket.connect_ex : reach(0)
socket.send socket.sendall socket.sendto socket.sendfile : into(0) reach(1)
socket.gethostbyname socket.getaddrinfo socket.gethostbyname_ex : connect(0)
ssl.wrap_socket ssl.SSLContext.wrap_socket : > self
urllib.request.urlopen urllib2.urlopen urllib.urlopen : connect(0 url) send(1 data)
urllib.request.Request urllib2.Request : connect(0 url) send(1 data) method(method) > request
urllib.request.urlretrieve urllib.urlretrieve : connect(0 url) write(1 filename)
requests.get requests.head requests.options httpx.get httpx.head httpx.stream requests.session.get \
    requests.session.head : connect(0 url) send(data json files params content)
requests.post requests.put requests.patch httpx.post httpx.put httpx.patch requests.session.post \
    requests.session.put requests.session.patch : connect(0 url) send(1 data json files params content)
requests.delete httpx.delete requests.session.delete : connect(0 url) send(data json)
requests.request httpx.request requests.session.request : connect(1 url) method(0 method) send(data json files \
    params content)
requests.Session requests.session httpx.Client httpx.AsyncClient aiohttp.ClientSession : > requests.session
aiohttp.request : connect(1 url) method(0 method) send(data json)
urllib3.PoolManager : > urllib3
urllib3.request : connect(1 url) method(0 method) send(body fields)
http.client.HTTPConnection http.client.HTTPSConnection httplib.HTTPConnection httplib.HTTPSConnection : connect(0 \
    host) > http
http.request http.send : into(1 2 0 body)
ftplib.FTP ftplib.FTP_TLS telnetlib.Telnet smtplib.SMTP smtplib.SMTP_SSL poplib.POP3 imaplib.IMAP4_SSL : connect(0 \
    host) > connection
connection.storbinary connection.storlines connection.sendmail connection.send_message connection.write \
    connection.send connection.put connection.putfo : into(0; 1; 2)
connection.retrbinary : > self
paramiko.SSHClient : later() > paramiko
paramiko.connect : reach(0 hostname)
paramiko.open_sftp : > self
paramiko.exec_command : into(0)
paramiko.put : read(0) into(0)
websocket.create_connection websockets.connect : connect(0 url uri) > connection
boto3.client boto3.resource :
# code
exec eval execfile : code(0)
compile : > code(0)
runpy.run_path : load(0 path_name)
code.interact code.InteractiveConsole types.FunctionType types.CodeType marshal.loads : opaque()
pickle.loads cPickle.loads dill.loads cloudpickle.loads pickle.load joblib.load : unpack(0)
__import__ importlib.import_module importlib.__import__ : > module
globals locals vars builtins.globals : > names
vars : same(0)
getattr object.__getattribute__ operator.attrgetter : attribute(0; 1)
map filter starmap itertools.starmap : map(0; 1)
functools.partial : apply(0; 1+)
threading.Thread multiprocessing.Process threading.Timer : apply(target 1; args)
atexit.register : apply(0; 1+)
# the environment
os.getenv os.environ.get os.environ.pop os.getenvb os.environ.__getitem__ : env(0 key)
os.putenv os.environ.setdefault : setenv(0; 1)
os.environ.copy os.environ.items os.environ.update os.environ.keys :
# streams
print pprint.pprint sys.stdout.write sys.stdout.buffer.write logging.info logging.warning logging.error \
    logging.debug : out()
sys.stdin.read sys.stdin.readline sys.stdin.readlines sys.stdin.buffer.read input raw_input : stdin()
@sys.stdin : stdin()
json.load yaml.safe_load csv.reader csv.DictReader toml.load tomllib.load configparser.ConfigParser :
json.dump yaml.dump pickle.dump : pour(0; 1)
# databases
sqlite3.connect : read(0 database) write(0 database) > database
database.execute database.executemany database.executescript database.cursor ?.execute ?.executescript \
    ?.executemany : sql(0 sql)
# folding
base64.b64decode base64.standard_b64decode base64.urlsafe_b64decode base64.decodebytes binascii.a2b_base64 : > \
    =base64(0 s)
base64.b32decode : > =base32(0)
base64.b85decode : > =base85(0)
base64.a85decode : > =ascii85(0)
base64.b16decode binascii.unhexlify bytes.fromhex bytearray.fromhex binascii.a2b_hex : > =hex(0)
zlib.decompress : > =inflate(0)
gzip.decompress : > =gunzip(0)
codecs.decode codecs.encode : > =codec(0 obj; 1 encoding)
str.decode : > =to_text
chr unichr : > =chr
ord : > =ord(0)
str bytes bytearray : > =first
list tuple set sorted iter : > =list(0)
reversed : > =reversed(0)
range xrange : > =range
int : > =number
str.items list.items dict.items ?.items : > =pairs
json.loads ast.literal_eval : > =literal
urllib.parse.unquote urllib.unquote : > =unquote
re.sub re.findall re.match re.search re.split re.fullmatch re.finditer :
len type isinstance repr hash id abs sum min max round any all enumerate zip bool float dict hasattr callable \
    json.dumps re.compile :
"""

PYTHON: Final = Language(
    "python",
    parse,
    read_table(_TABLE),
    {
        "posix": "os",
        "nt": "os",
        "posixpath": "os.path",
        "ntpath": "os.path",
        "genericpath": "os.path",
        "builtins": "",
        "__builtins__": "",
        "__builtin__": "",
        "builtins.__dict__": "",
        "__builtins__.__dict__": "",
        "os.__dict__": "os",
        "subprocess.__dict__": "subprocess",
        "shutil.os": "os",
        "subprocess.os": "os",
        "pathlib.os": "os",
        "sys.modules": "",
        "os.environb": "os.environ",
        "_io": "io",
        "_posixsubprocess": "subprocess",
        "ctypes.cdll.msvcrt": "ctypes.CDLL",
    },
    frozenset(("os.environ",)),
    refuses=True,
    local=True,
)
