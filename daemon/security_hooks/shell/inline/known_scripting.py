"""Perl, Ruby, PHP, Lua, R, the languages of the Java machine, and AppleScript: how they are written and what they \
    do.
"""

from typing import Final

from security_hooks.shell.inline.knowledge import read_table
from security_hooks.shell.inline.language import Language
from security_hooks.shell.inline.loose import Dialect, reader

_HASH = r"\#[^\n]*"
_SLASHES = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
_SIGIL = r"[$@%&]\#?\w+(?:::\w+)*|[^\W\d]\w*(?:(?:::|')[^\W\d]\w*)*"

_PERL = """
system exec qx ` readpipe IPC.Open3.open3 open3 open2 : either(*)
open : perl_open(1; 2)
sysopen : open(1)
unlink rmdir : delete(*)
rmtree remove_tree File::Path::rmtree File::Path::remove_tree : delete*(*)
rename move File::Copy::move : move(0) write(1)
copy File::Copy::copy link symlink : read(0) write(1)
chmod chown utime : mode(1+)
mkdir truncate : write(0)
opendir : names(1)
chdir : chdir(0)
eval do require : code(0)
kill : signal(1)
connect : connect(1)
inet_aton gethostbyname : > =first
sockaddr_in pack_sockaddr_in : > =second
IO::Socket::INET.new IO::Socket::INET6.new IO::Socket::SSL.new : connect(PeerAddr PeerHost 0) > socket
HTTP::Tiny.new LWP::UserAgent.new :
get getstore LWP::Simple::get ?.get ?.getstore : connect(0) write(1)
?.post ?.post_form : connect(0) send(1 2)
MIME::Base64::decode_base64 decode_base64 : > =base64
chr : > =chr
reverse : > =reversed(0)
join : > =glue
slurp read_file : read(0)
glob : > =globs
print printf say length lc uc split push shift keys values sprintf die warn substr index defined ref scalar sort \
    map grep :
"""

PERL: Final = Language(
    "perl",
    reader(
        Dialect(
            comments=rf"(?<![$\w]){_HASH}|^=\w+.*?^=cut|__END__.*\Z",
            called=frozenset(
                [
                    "system",
                    "exec",
                    "unlink",
                    "rmdir",
                    "rmtree",
                    "remove_tree",
                    "open",
                    "sysopen",
                    "rename",
                    "copy",
                    "move",
                    "chmod",
                    "chown",
                    "mkdir",
                    "chdir",
                    "eval",
                    "require",
                    "kill",
                    "symlink",
                    "link",
                    "opendir",
                    "print",
                    "printf",
                    "say",
                    "join",
                    "reverse",
                    "get",
                    "getstore",
                    "decode_base64",
                    "pack",
                    "do",
                    "readpipe",
                    "push",
                ]
            ),
            command="`",
            inserted=r"(?P<name>[$@]\w+)|\$\{\w+\}|@\{[^}]*\}",
            members=frozenset(("->", "::")),
            joins=frozenset((".",)),
            words=_SIGIL,
            quoted=r"(?:qq|qx|qw|q)\s*[^\w\s,;=)]",
        )
    ),
    read_table(_PERL),
    {"CORE.system": "system", "CORE::system": "system", "CORE::exec": "exec", "CORE::GLOBAL::system": "system"},
    frozenset(("$ENV", "%ENV")),
    flat=True,
)

_RUBY = """
system exec spawn ` Kernel.system Kernel.exec Kernel.spawn Process.spawn Process.exec IO.popen Open3.capture2 \
    Process.run Open3.capture2e Open3.capture3 Open3.popen3 Open3.pipeline PTY.spawn popen : either(*)
open Kernel.open URI.open : ruby_open(0; 1) > file
File.open File.new IO.open : open(0; 1) > file
File.read IO.read File.readlines IO.readlines File.foreach File.binread IO.binread : read(0)
File.write IO.write File.binwrite : write(0; 1)
file.write file.puts file.print : into(0)
File.delete File.unlink Dir.rmdir Dir.delete Dir.unlink FileUtils.rm FileUtils.rm_f FileUtils.remove \
    FileUtils.rmdir FileUtils.safe_unlink : delete(*)
FileUtils.rm_rf FileUtils.rm_r FileUtils.rmtree FileUtils.remove_dir FileUtils.remove_entry \
    FileUtils.remove_entry_secure : delete*(0)
File.rename FileUtils.mv FileUtils.move : move(0) write(1)
FileUtils.cp FileUtils.cp_r FileUtils.copy FileUtils.copy_file FileUtils.install FileUtils.ln_s File.symlink \
    IO.copy_stream : read(0) write(1)
File.chmod FileUtils.chmod FileUtils.chmod_R FileUtils.chown FileUtils.chown_R File.chown : mode(1)
FileUtils.mkdir_p FileUtils.touch Dir.mkdir File.truncate : write(0)
Dir.glob : > =globs
Dir.entries Dir.children : names(0)
Dir.chdir : chdir(0)
@Dir.home : home()
File.expand_path : home(0)
File.join : > =join_all
eval instance_eval class_eval Kernel.eval binding.eval load : code(0)
Object.const_get Kernel.const_get : > =first
send Kernel.send ?.send ?.public_send ?.__send__ : ruby_send(0; 1+)
Process.kill : signal(1)
TCPSocket.new TCPSocket.open UDPSocket.new Socket.tcp : connect(0) > socket
socket.write socket.puts socket.print socket.send : into(0)
Net.HTTP.get Net.HTTP.get_response HTTParty.get Faraday.get RestClient.get Net.HTTP.start Net.HTTP.new : connect(0)
Net.HTTP.post Net.HTTP.post_form HTTParty.post Faraday.post RestClient.post : connect(0) send(1 body)
URI URI.parse URI.join : > =first
Base64.decode64 Base64.strict_decode64 Base64.urlsafe_decode64 : > =base64
Marshal.load YAML.load : unpack(0)
ENV.fetch : env(0)
str.reverse : > =reversed
list.join : > =glue
puts print p pp require require_relative attr_accessor raise :
STDIN.read ARGF.read gets : stdin()
"""

RUBY: Final = Language(
    "ruby",
    reader(
        Dialect(
            comments=rf"{_HASH}|^=begin.*?^=end|__END__.*\Z",
            called=frozenset(
                [
                    "system",
                    "exec",
                    "spawn",
                    "popen",
                    "eval",
                    "open",
                    "File.open",
                    "File.read",
                    "File.write",
                    "File.delete",
                    "File.unlink",
                    "File.rename",
                    "FileUtils.rm",
                    "FileUtils.rm_f",
                    "FileUtils.rm_rf",
                    "FileUtils.rm_r",
                    "FileUtils.mv",
                    "FileUtils.cp",
                    "FileUtils.cp_r",
                    "FileUtils.mkdir_p",
                    "FileUtils.touch",
                    "FileUtils.chmod",
                    "Dir.chdir",
                    "load",
                    "send",
                    "puts",
                    "print",
                    "p",
                    "IO.popen",
                    "Kernel.system",
                    "Kernel.exec",
                    "Process.kill",
                ]
            ),
            command="`",
            inserted=r"#\{(?P<code>[^{}]*)\}(?P<name>(?!))?",
            members=frozenset((".", "::")),
            words=r"[$@]{0,2}[^\W\d]\w*[?!]?",
            long=r":[^\W\d]\w*(?!:)",
            quoted=r"%(?:[qQxwWi](?=[^\w\s])|(?=[({\[]))[^\w\s]",
        )
    ),
    read_table(_RUBY),
    environments=frozenset(("ENV",)),
    flat=True,
)

_PHP = """
system exec shell_exec passthru popen proc_open ` pcntl_exec expect_popen : shell(0)
eval assert create_function : code(0)
call_user_func call_user_func_array array_map : php_call(0; 1+)
unlink rmdir : delete(0)
rename move_uploaded_file : move(0) write(1)
copy symlink link : read(0) write(1)
file_get_contents : read_or_fetch(0)
readfile file fopen parse_ini_file show_source highlight_file include include_once require require_once \
    simplexml_load_file : read_or_fetch(0; 1) > file
file_put_contents : write(0; 1)
fwrite fputs : pour(1; 0)
chmod chown chgrp lchown : mode(0)
mkdir touch tempnam : write(0)
chdir : chdir(0)
glob : > =globs
scandir opendir : names(0)
getenv : env(0)
putenv : setenv(0)
fsockopen pfsockopen stream_socket_client : connect(0) > socket
curl_init : connect(0) > curl
mail : connect('smtp) send(2)
base64_decode : > =base64
hex2bin : > =hex
str_rot13 : > =rot13
gzinflate : > =raw_inflate
gzuncompress : > =inflate
gzdecode : > =gunzip
strrev : > =reversed
implode join : > =glue
chr : > =chr
unserialize : unpack(0)
posix_kill : signal(0)
mysqli_query pg_query ?.query ?.exec : sql(0 1)
echo print printf var_dump print_r strlen str_replace preg_replace json_encode json_decode define phpinfo \
    phpversion count :
"""

PHP: Final = Language(
    "php",
    reader(
        Dialect(
            comments=rf"{_HASH}|{_SLASHES}|<\?php|<\?=|\?>",
            called=frozenset(["echo", "print", "include", "include_once", "require", "require_once"]),
            command="`",
            inserted=r"\{?(?P<name>\$\w+)\}?",
            members=frozenset(("->", "::")),
            joins=frozenset((".",)),
            words=r"\$?[^\W\d]\w*",
        )
    ),
    read_table(_PHP),
    environments=frozenset(("$_ENV",)),
    calls_texts=True,
    flat=True,
)

_LUA = """
os.execute io.popen vim.fn.system vim.fn.systemlist : shell(0)
io.open : open(0; 1) > file
io.lines io.input : read(0)
io.output : write(0)
file.write : into(0)
os.remove : delete(0)
os.rename : move(0) write(1)
os.getenv : env(0)
load loadstring dofile loadfile : code(0)
require : > module
socket.connect socket.tcp : connect(0)
string.char : > =chr
string.reverse : > =reversed(0)
table.concat : > =glue
print string.format io.write tostring tonumber pairs ipairs type :
"""

LUA: Final = Language(
    "lua",
    reader(
        Dialect(
            comments=r"--\[(?P<level>=*)\[.*?\](?P=level)\]|--[^\n]*",
            called=frozenset(("require", "print", "os.execute", "dofile", "load", "io.popen")),
            raw="",
            members=frozenset((".", ":")),
            joins=frozenset(("..",)),
            long=r"\[\[.*?\]\]|\[=\[.*?\]=\]",
        )
    ),
    read_table(_LUA),
    flat=True,
)

_R = """
system system2 shell pipe : r_system(0; 1 args)
unlink file.remove : delete(0)
file.rename : move(0) write(1)
file.copy file.symlink : read(0) write(1)
readLines read.csv read.table readRDS scan readChar load readtext : read_or_fetch(0 file)
source : load(0 file)
file : open(0; 1)
writeLines write saveRDS write.csv write.table : write(1 con file)
cat : write(file)
Sys.chmod : mode(0)
setwd : chdir(0)
Sys.getenv : env(0)
Sys.setenv : setenv(0)
eval parse evalq : code(0 text)
download.file : connect(0 url) write(1 destfile)
url httr.GET curl.curl : connect(0)
httr.POST : connect(0) send(body)
paste0 : > =concat
paste : > =glue
path.expand : home(0)
install.packages : install(0)
c list : > =collected
print library require sum mean summary :
"""

R: Final = Language(
    "r",
    reader(Dialect(comments=_HASH, raw="", members=frozenset(("::",)), joins=frozenset(), words=r"[^\W\d][\w.]*")),
    read_table(_R),
    flat=True,
)

_JVM = """
Runtime.exec ?.exec sys.process.Process Process : either(0)
ProcessBuilder : either(*)
?.execute : either(self)
Files.delete Files.deleteIfExists FileUtils.delete ?.delete ?.deleteOnExit ?.deleteIfExists : delete(0 self)
FileUtils.deleteDirectory FileUtils.forceDelete ?.deleteDir ?.deleteRecursively : delete*(0 self)
Files.readString Files.readAllLines Files.readAllBytes Files.lines Files.newInputStream Files.newBufferedReader \
    FileReader FileInputStream Scanner Source.fromFile scala.io.Source.fromFile RandomAccessFile : read(0)
Files.writeString Files.write Files.newOutputStream Files.newBufferedWriter FileWriter FileOutputStream \
    PrintWriter Files.createFile Files.createDirectory : write(0; 1)
Files.move : move(0) write(1)
Files.copy : read(0) write(1)
Files.setPosixFilePermissions : mode(0)
File Path.of Paths.get Path java.nio.file.Paths.get : > &File(=join_all)
URL URI.create URI : > &URL(0)
URL.openStream URL.openConnection URL.getText URL.text Source.fromURL scala.io.Source.fromURL : connect(self 0)
Socket : connect(0) > socket
HttpRequest.newBuilder : connect(0)
System.getenv : env(0)
File.text File.readText File.getText : read(self)
File.write File.writeText File.append : write(self; 0)
Eval.me ?.evaluate ?.eval : code(0)
System.setProperty :
Base64.getDecoder :
System.exit System.out.println println print String.format :
"""

JVM: Final = Language(
    "java",
    reader(
        Dialect(
            comments=_SLASHES,
            raw="",
            called=frozenset(("println", "print")),
            inserted=r"\$\{(?P<code>[^{}]*)\}|\$(?P<name>[^\W\d]\w*)",
            long=r'""".*?"""',
        )
    ),
    read_table(_JVM),
    {
        "java.nio.file.Files": "Files",
        "java.io.File": "File",
        "java.io.FileReader": "FileReader",
        "java.net.URL": "URL",
        "java.net.Socket": "Socket",
        "java.lang.Runtime": "Runtime",
        "java.lang.ProcessBuilder": "ProcessBuilder",
    },
    flat=True,
)
