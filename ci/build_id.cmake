# cmake -DROOT=tree -DOUT=header -P build_id.cmake: writes the build id, a hash over the names and
# contents of all sources, in sorted order.
file(GLOB_RECURSE files RELATIVE ${ROOT}
    ${ROOT}/shared/*.[chS] ${ROOT}/kernel/*.[chS] ${ROOT}/kernel/*.lds ${ROOT}/host/*.[ch]
    ${ROOT}/tests/*.[ch])
list(SORT files)
set(all "")
foreach(f IN LISTS files)
    file(SHA256 ${ROOT}/${f} h)
    string(APPEND all "${f} ${h}\n")
endforeach()
string(SHA256 id "${all}")
string(SUBSTRING ${id} 0 16 id)
set(text "#define BUILD_ID \"${id}\"\n")
set(old "")
if(EXISTS ${OUT})
    file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
    file(WRITE ${OUT} "${text}")
endif()
